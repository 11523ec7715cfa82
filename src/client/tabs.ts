/*
 * What the tabs of one browser tell each other: they share a cookie, and so a session. Nothing secret is said, only
 * that it is time to look anew.
 */

export interface Tabs {
	/** Tells the others that the session is another one now. */
	tell(): void;
	/** Returns how to stop listening. */
	whenTold(act: () => void): () => void;
	close(): void;
}

/** `baseUrl`: where the session is, if that is another origin than the page's. */
export function openTabs(baseUrl = ''): Tabs {
	const channel = new BroadcastChannel(`latchkey${baseUrl}`);
	return {
		tell: () => channel.postMessage('session changed'),
		whenTold(act) {
			channel.addEventListener('message', act);
			return () => channel.removeEventListener('message', act);
		},
		close: () => channel.close(),
	};
}
