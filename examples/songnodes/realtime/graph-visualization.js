// GET /graph: the tracks as nodes with a position, their neighbourhood as edges.
import { createServer } from 'node:http';

const port = Number(process.env.PORT ?? 8084);
const api = process.env.REST_API_URL;
const maxNodes = Number(process.env.MAX_NODES ?? 500);

const fetchJson = async (path) => {
	const response = await fetch(api + path, { signal: AbortSignal.timeout(5000) });
	if (!response.ok) throw new Error(`${path}: ${response.status}`);
	return response.json();
};

// Tracks of one key stand on one spoke of a wheel, faster ones further out.
function place(track) {
	const [, number, letter] = /^(\d+)([AB])$/.exec(track.key) ?? [null, 1, 'A'];
	const angle = ((Number(number) - (letter === 'B' ? 0.5 : 0)) / 12) * 2 * Math.PI;
	const radius = 40 + track.bpm;
	return { x: Math.round(radius * Math.cos(angle)), y: Math.round(radius * Math.sin(angle)) };
}

async function graph() {
	const [tracks, edges] = await Promise.all([
		fetchJson(`/api/tracks?limit=${maxNodes}`),
		fetchJson(`/api/adjacency?limit=${maxNodes * 4}`)
	]);
	const nodes = tracks.map((track) => ({ id: track.id, label: `${track.artist} – ${track.title}`, ...place(track) }));
	const known = new Set(nodes.map((node) => node.id));
	return { nodes, edges: edges.filter((edge) => known.has(edge.source) && known.has(edge.target)) };
}

const server = createServer(async (request, response) => {
	const reply = (status, body) => {
		response.writeHead(status, { 'content-type': 'application/json' });
		response.end(JSON.stringify(body));
	};
	if (request.url === '/health') return reply(200, { status: 'ok' });
	if (request.url !== '/graph') return reply(404, { error: 'not found' });
	try {
		reply(200, await graph());
	} catch (error) {
		console.log(JSON.stringify({ level: 'error', message: error.message }));
		reply(502, { error: 'the API does not answer' });
	}
});

server.listen(port, () => console.log(JSON.stringify({ listening: port })));
process.on('SIGTERM', () => server.close(() => process.exit(0)));
