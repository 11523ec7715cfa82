import type { IncomingHttpHeaders } from 'node:http';

/**
 * What a browser wants to show with the answer to a request: a `page` in a tab, the page that comes of a `form` sent by
 * POST, or something in a `frame`. `none`: whatever is not shown to a person, a script's calls and programs first of all.
 */
export type Navigation = 'page' | 'form' | 'frame' | 'none';

/**
 * By what the browser says of itself, which no page can make it say otherwise. Those that send no `Sec-Fetch-*` are known
 * by asking for `text/html` by name; a program that takes anything at all says so with a wildcard alone.
 * Source: W3C, Fetch Metadata Request Headers.
 */
export function navigationOf(method: string | undefined, headers: IncomingHttpHeaders): Navigation {
	const isForm = method === 'POST';
	if (!isForm && method !== 'GET' && method !== 'HEAD') return 'none';
	if (notByBrowsers.some((name) => headers[name] !== undefined)) return 'none';
	if (Object.keys(headers).some((name) => name.startsWith('sec-fetch-'))) {
		if (headers['sec-fetch-mode'] !== 'navigate') return 'none';
		const destination = headers['sec-fetch-dest'];
		if (destination === undefined || destination === 'document') return isForm ? 'form' : 'page';
		return frames.has(String(destination)) ? 'frame' : 'none';
	}
	if (!namesHtml(headers.accept)) return 'none';
	if (!isForm) return 'page';
	return formTypes.test(headers['content-type'] ?? '') ? 'form' : 'none';
}

/**
 * Credentials of a program's own, calls of a script, the script of a service worker, WebSockets, and pages that a browser
 * fetches for later: what it is refused, it asks for again when somebody wants to see it.
 */
const notByBrowsers = [
	...['authorization', 'x-requested-with', 'service-worker', 'upgrade', 'sec-websocket-version'],
	...['sec-purpose', 'purpose', 'x-moz'],
];

/** What `object` and `embed` load is part of the page around it. */
const frames = new Set(['iframe', 'frame', 'fencedframe']);

/** What forms can be sent as. Source: HTML, "Form submission". */
const formTypes = /^(application\/x-www-form-urlencoded|multipart\/form-data|text\/plain)\s*(;|$)/i;

/** By its own name, and not to say that it is unwanted. Rule: RFC 9110, 12.5.1. */
function namesHtml(accept: string | undefined): boolean {
	return (accept ?? '').split(',').some((range) => {
		const [type = '', ...parameters] = range.split(';').map((part) => part.trim().toLowerCase());
		return type === 'text/html' && !parameters.some((parameter) => /^q\s*=\s*0(\.0{0,3})?$/.test(parameter));
	});
}
