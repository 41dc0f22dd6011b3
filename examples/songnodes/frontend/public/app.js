const svg = document.getElementById('graph');

function draw(name, attributes, text = '') {
	const element = document.createElementNS('http://www.w3.org/2000/svg', name);
	for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
	element.textContent = text;
	svg.append(element);
}

async function show() {
	const [graph, [stats]] = await Promise.all(['/graph', '/api/stats'].map(async (path) => (await fetch(path)).json()));
	document.getElementById('stats').textContent = `${stats.tracks} tracks by ${stats.artists} artists in ${stats.playlists} playlists`;
	svg.replaceChildren();
	const at = new Map(graph.nodes.map((node) => [node.id, node]));
	for (const edge of graph.edges) {
		const [from, to] = [at.get(edge.source), at.get(edge.target)];
		draw('line', { x1: from.x, y1: from.y, x2: to.x, y2: to.y, stroke: '#999', 'stroke-width': edge.weight });
	}
	for (const node of graph.nodes) {
		draw('circle', { cx: node.x, cy: node.y, r: 5, fill: '#36c' });
		draw('text', { x: node.x + 8, y: node.y + 4, 'font-size': 9 }, node.label);
	}
}

let pending;
const socket = new WebSocket(`${location.protocol === 'https:' ? 'wss' : 'ws'}://${location.host}/ws`);
socket.onmessage = ({ data }) => {
	const track = JSON.parse(data);
	document.getElementById('news').textContent = `New: ${track.artist} – ${track.title}`;
	clearTimeout(pending);
	pending = setTimeout(show, 500); // one redraw for a burst of tracks
};
show();
