/*
 * A service looks every 15 seconds whether an open WebSocket may go on. In a spec that imports this file, only
 * `lookAtWebSocket` does.
 */

let look = () => {};

const usual = globalThis.setInterval;
const withoutLooks = (act: () => void, ms?: number) => {
	if (ms !== 15_000) return usual(act, ms);
	look = act;
	return usual(() => {}, 1_000_000);
};
globalThis.setInterval = withoutLooks as typeof setInterval;

/** Looks at the WebSocket that was opened last. */
export function lookAtWebSocket(): void {
	look();
}
