// `standalone` collects the server and the packages it really needs: the image carries no node_modules of its own.
export default { output: 'standalone' };
