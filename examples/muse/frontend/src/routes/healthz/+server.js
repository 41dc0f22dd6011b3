// Says that this process serves pages. Whether the API answers is the API's own health check.
export const GET = () => new Response('ok');
