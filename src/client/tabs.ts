/*
 * What the tabs of one browser tell each other: they share a cookie, and so a session. Nothing secret is said, only
 * that it is time to look anew.
 */

/** `left`: a person has signed out, and wants to leave nothing behind. */
export type Told = 'session changed' | 'left';

export interface Tabs {
	/** Tells the others that the session is another one now. */
	tell(what?: Told): void;
	/** Returns how to stop listening. */
	whenTold(act: (what: Told) => void): () => void;
	close(): void;
}

/** `baseUrl`: where the session is, if that is another origin than the page's. */
export function openTabs(baseUrl = ''): Tabs {
	const channel = new BroadcastChannel(`latchkey${baseUrl}`);
	return {
		tell: (what = 'session changed') => channel.postMessage(what satisfies Told),
		whenTold(act) {
			const hear = (event: Event) => act((event as MessageEvent).data as Told);
			channel.addEventListener('message', hear);
			return () => channel.removeEventListener('message', hear);
		},
		close: () => channel.close(),
	};
}
