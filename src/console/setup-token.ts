import { useEffect, useState } from 'preact/hooks';

/**
 * The setup token, from the link that `latchkey serve` prints (`/#setup=TOKEN`): what stands behind `#` reaches no server
 * and no log. It is taken out of the address at once, so that it does not stay in the history either.
 */
function takeSetupToken(): string {
	const [, token] = /^#setup=([\w-]{1,128})$/.exec(location.hash) ?? [];
	if (token === undefined) return '';
	history.replaceState(null, '', location.pathname + location.search);
	return token;
}

export function useSetupToken(): string {
	const [token, setToken] = useState(takeSetupToken);
	useEffect(() => {
		// Pasted where the page is open already: the browser does not load it again.
		const take = () => setToken((before) => takeSetupToken() || before);
		window.addEventListener('hashchange', take);
		return () => window.removeEventListener('hashchange', take);
	}, []);
	return token;
}
