import { QueryClient, QueryClientProvider, useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { createRoot } from 'react-dom/client';

async function call(path, options) {
	const answer = await fetch(path, options);
	if (!answer.ok) throw new Error(answer.status === 429 ? 'Slow down a little.' : `The server answers ${answer.status}.`);
	return answer.json();
}

function Chat() {
	const client = useQueryClient();
	const messages = useQuery({ queryKey: ['messages'], queryFn: () => call('/api/messages'), refetchInterval: 2000 });
	const send = useMutation({
		mutationFn: (message) =>
			call('/api/messages', { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(message) }),
		onSuccess: () => client.invalidateQueries({ queryKey: ['messages'] })
	});

	function submit(event) {
		event.preventDefault();
		const form = event.currentTarget;
		send.mutate(Object.fromEntries(new FormData(form)), { onSuccess: () => (form.text.value = '') });
	}

	const problem = send.error ?? messages.error;
	return (
		<main>
			<h1>Chat</h1>
			<ol>{messages.data?.map((message) => <li key={message.id}><b>{message.author}</b> {message.text}</li>)}</ol>
			{problem && <p role="alert">{problem.message}</p>}
			<form onSubmit={submit}>
				<input name="author" placeholder="Name" required maxLength={40} />
				<input name="text" placeholder="@ai hello" required maxLength={2000} />
				<button>Send</button>
			</form>
		</main>
	);
}

createRoot(document.getElementById('root')).render(
	<QueryClientProvider client={new QueryClient()}>
		<Chat />
	</QueryClientProvider>
);
