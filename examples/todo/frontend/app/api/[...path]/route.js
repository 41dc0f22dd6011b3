// The browser calls /api here, and this server calls the backend by its service name. The address is read at
// run time: one image serves every environment. (A rewrite in next.config.mjs would be fixed at build time.)
export const dynamic = 'force-dynamic';

async function forward(request, { params }) {
	const { path } = await params;
	const target = `${process.env.BACKEND_URL}/api/${path.map(encodeURIComponent).join('/')}`;
	const body = request.method === 'GET' ? undefined : await request.text();
	const answer = await fetch(target, { method: request.method, body, headers: { 'content-type': 'application/json' }, cache: 'no-store' });
	const text = answer.status === 204 ? null : await answer.text();
	return new Response(text, { status: answer.status, headers: { 'content-type': 'application/json' } });
}

export { forward as GET, forward as POST, forward as PATCH, forward as DELETE };
