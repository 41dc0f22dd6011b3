import { env } from '$env/dynamic/private';
import { fail } from '@sveltejs/kit';

// Both run on the server: the browser talks to nginx alone.
export async function load({ fetch }) {
	const response = await fetch(`${env.BACKEND_URL}/api/scores`);
	return { scores: response.ok ? await response.json() : [], down: !response.ok };
}

async function engrave(fetch, source) {
	const response = await fetch(`${env.LILYPOND_URL}/compile`, { method: 'POST', body: source });
	return response.ok ? { picture: await response.text() } : { problem: (await response.json()).error };
}

export const actions = {
	preview: async ({ request, fetch }) => {
		const form = await request.formData();
		const source = String(form.get('source') ?? '');
		return { source, title: form.get('title'), ...(await engrave(fetch, source)) };
	},
	save: async ({ request, fetch }) => {
		const form = await request.formData();
		const response = await fetch(`${env.BACKEND_URL}/api/scores`, {
			method: 'POST',
			headers: { 'content-type': 'application/json' },
			body: JSON.stringify({ title: form.get('title'), source: form.get('source') })
		});
		if (!response.ok) return fail(502, { problem: (await response.json()).error });
		return { saved: (await response.json()).title };
	}
};
