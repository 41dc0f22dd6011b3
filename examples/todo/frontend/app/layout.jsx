export const metadata = { title: 'Todo' };

export default function Layout({ children }) {
	return (
		<html lang="en">
			<body style={{ fontFamily: 'system-ui', maxWidth: '36rem', margin: '2rem auto' }}>{children}</body>
		</html>
	);
}
