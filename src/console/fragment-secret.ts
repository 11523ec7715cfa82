import { useEffect, useState } from 'preact/hooks';

/** Another object for each time that a link is followed. */
export interface FragmentSecret {
	readonly secret: string;
}

/**
 * A secret of a link, which stands behind `#` and so reaches no server and no log. It is taken out of the address at once, so
 * that it does not stay in the history either. `shape`: the whole fragment, with the secret in its first group.
 */
export function useFragmentSecret(shape: RegExp): FragmentSecret | undefined {
	const [secret, setSecret] = useState(() => take(shape));
	useEffect(() => {
		// Pasted where the page is open already: the browser does not load it again.
		const follow = () => setSecret((before) => take(shape) || before);
		window.addEventListener('hashchange', follow);
		return () => window.removeEventListener('hashchange', follow);
	}, [shape]);
	return secret;
}

function take(shape: RegExp): FragmentSecret | undefined {
	const [, secret] = shape.exec(location.hash) ?? [];
	if (secret === undefined) return undefined;
	history.replaceState(null, '', location.pathname + location.search);
	return { secret };
}
