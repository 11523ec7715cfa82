import { isIP } from 'node:net';
import { domainToASCII } from 'node:url';
import { http } from '../../http/node-http.ts';

/** A request that nobody has sent, as an administrator describes it. */
export interface Question {
	readonly method: string;
	readonly secure: boolean;
	/** As a client would send it: in lower case, in A-labels. */
	readonly host: string;
	/** Path and query, as a client would send them. */
	readonly target: string;
	readonly websocket: boolean;
	/** The client's address; `undefined`: not said. */
	readonly from: string | undefined;
}

export interface Asked {
	readonly method: string;
	/** `https://wiki.example.org/a?b`; `wss://…` opens a WebSocket. */
	readonly url: string;
	readonly from?: string | undefined;
	readonly websocket?: boolean | undefined;
}

const maxLength = 8192;

/** `because`: what is wrong with the question, the part that is wrong first. */
export function parseQuestion({ method: given, url, from, websocket }: Asked): Question | { readonly because: string } {
	const method = given.toUpperCase();
	if (!http.METHODS.includes(method) || method === 'CONNECT') return { because: 'method: must be a method of HTTP' };
	if (from !== undefined && isIP(from) === 0) return { because: 'from: must be an address' };
	// Not by the URL parser: it would take away `/../` and other things that are to be judged.
	const [, scheme = '', authority = '', rest = ''] = /^(https?|wss?):\/\/([^/?#\\]+)([^#]*)(?:#.*)?$/is.exec(url) ?? [];
	if (authority === '') return { because: 'url: must be http://HOST/PATH or https://HOST/PATH' };
	if (url.length > maxLength || !url.isWellFormed()) return { because: 'url: is too long, or no text' };
	if (authority.includes('@')) return { because: 'url: names a user' };
	const isSocket = websocket === true || /^ws/i.test(scheme);
	if (isSocket && method !== 'GET') return { because: 'websocket: is opened by GET' };
	return {
		method,
		secure: /s$/i.test(scheme),
		host: hostAsSent(authority, /s$/i.test(scheme)),
		target: rest.startsWith('/') ? asSent(rest) : `/${asSent(rest)}`,
		websocket: isSocket,
		from,
	};
}

/** Browsers leave out the port of the scheme. */
function hostAsSent(authority: string, secure: boolean): string {
	const [, name = '', port = ''] = /^(.*?)(:\d*)?$/s.exec(authority) ?? [];
	const host = /^[\0-\x7f]*$/.test(name) ? name : domainToASCII(name) || name;
	return (host + (port === (secure ? ':443' : ':80') ? '' : port)).toLowerCase();
}

/** What cannot stand in a request line is encoded, as every client does. */
function asSent(text: string): string {
	return text.replace(/[^!-~]+/gu, encodeURIComponent);
}
