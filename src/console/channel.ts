/*
 * What the tabs of one browser tell each other: they share a cookie, and so a session. Nothing secret is said, only
 * that it is time to look anew.
 */

const name = 'latchkey';
const channel = new BroadcastChannel(name);

export function tellOtherTabs(): void {
	channel.postMessage('session changed');
}

/** Returns how to stop listening. */
export function whenAnotherTabTells(act: () => void): () => void {
	channel.addEventListener('message', act);
	return () => channel.removeEventListener('message', act);
}
