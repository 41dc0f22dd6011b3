import { defineConfig } from 'vite';

// JSX goes through esbuild alone; the React plugin would only add hot reloading.
export default defineConfig({ esbuild: { jsx: 'automatic' } });
