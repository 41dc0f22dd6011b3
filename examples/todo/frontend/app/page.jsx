'use client';

import { useEffect, useState } from 'react';

async function call(method, path, body) {
	const answer = await fetch(path, { method, body: body && JSON.stringify(body) });
	if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status}`);
	return answer.status === 204 ? null : answer.json();
}

export default function Page() {
	const [todos, setTodos] = useState([]);
	const [problem, setProblem] = useState('');

	async function act(method, path, body) {
		try {
			if (method) await call(method, path, body);
			setTodos(await call('GET', '/api/todos'));
			setProblem('');
		} catch (error) {
			setProblem(error.message);
		}
	}

	useEffect(() => { act(); }, []);

	function add(event) {
		event.preventDefault();
		const form = event.currentTarget;
		act('POST', '/api/todos', { title: new FormData(form).get('title') }).then(() => form.reset());
	}

	return (
		<main>
			<h1>Todo</h1>
			<form onSubmit={add}>
				<input name="title" aria-label="New todo" required maxLength={200} /> <button>Add</button>
			</form>
			{problem && <p role="alert">{problem}</p>}
			<ul>
				{todos.map((todo) => (
					<li key={todo.id}>
						<label>
							<input type="checkbox" checked={todo.done} onChange={() => act('PATCH', `/api/todos/${todo.id}`, { done: !todo.done })} />
							{todo.title}
						</label>{' '}
						<button onClick={() => act('DELETE', `/api/todos/${todo.id}`)}>Remove</button>
					</li>
				))}
			</ul>
		</main>
	);
}
