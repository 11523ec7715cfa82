import type { IncomingMessage } from 'node:http';
import type { TLSSocket } from 'node:tls';
import proxyAddr from 'proxy-addr';

/** What is believed of where a request comes from. */
export interface Client {
	/** The right-most address that is not a trusted proxy's. */
	readonly address: string;
	/** Over TLS: our own, or a trusted proxy's by its word. */
	readonly secure: boolean;
	/** The host and port that the client asked for, as it wrote them, in lower case. */
	readonly host: string;
	/** The peer is one of the configured proxies: its forwarded headers are believed. */
	readonly viaTrustedProxy: boolean;
	/** The peer is this machine and no proxy stands in between. */
	readonly isLocal: boolean;
}

export type ClientOf = (req: IncomingMessage) => Client;

/** `trusted`: CIDRs. With an empty list no header of a request changes anything. */
export function createClientOf(trusted: readonly string[]): ClientOf {
	const isTrusted = proxyAddr.compile([...trusted]);
	// Behind a proxy nearly every request comes from the same peer: its address is taken apart once.
	let last = { peer: '', isTrusted: false };

	function isProxy(peer: string): boolean {
		if (peer !== last.peer) last = { peer, isTrusted: isTrusted(peer, 0) };
		return last.isTrusted;
	}

	return (req) => {
		const peer = req.socket.remoteAddress ?? '';
		const encrypted = (req.socket as Partial<TLSSocket>).encrypted === true;
		const host = (req.headers.host ?? '').toLowerCase();
		const viaTrustedProxy = trusted.length > 0 && peer !== '' && isProxy(peer);
		if (!viaTrustedProxy) return new DirectClient(req, peer, encrypted, host);
		const forwardedHost = only(req.headers['x-forwarded-host']);
		return {
			address: plain(oneAddress(req.headers['x-forwarded-for']) ?? proxyAddr(req, isTrusted)),
			secure: isSecure(only(req.headers['x-forwarded-proto'])) ?? encrypted,
			host: forwardedHost?.toLowerCase() ?? host,
			viaTrustedProxy,
			isLocal: false,
		};
	};
}

/** Whoever is connected to us. A class, so that what few ask for is worked out only where they ask. */
class DirectClient implements Client {
	readonly address: string;
	readonly secure: boolean;
	readonly host: string;
	readonly viaTrustedProxy = false;
	readonly #req: IncomingMessage;

	constructor(req: IncomingMessage, peer: string, secure: boolean, host: string) {
		this.address = plain(peer);
		this.secure = secure;
		this.host = host;
		this.#req = req;
	}

	get isLocal(): boolean {
		return isLoopback(this.address) && !isForwarded(this.#req) && isLoopbackHost(this.host);
	}
}

/** A list of one needs no walk: what a trusted proxy says alone is what it has seen. */
function oneAddress(header: string | string[] | undefined): string | undefined {
	return typeof header === 'string' && loneAddress.test(header) ? header : undefined;
}

const loneAddress = /^[0-9A-Fa-f.:]+$/;

/**
 * Whether the address says who asks: it is not that of a proxy which nobody told us of, nor that of a browser on this
 * machine which a page of another name made turn to us.
 */
export function isTelling(req: IncomingMessage, { address, host, viaTrustedProxy }: Client): boolean {
	return (viaTrustedProxy || !isForwarded(req)) && (!isLoopback(address) || isLoopbackHost(host));
}

/** A forwarded header that names one value; a list is nobody's clear word. */
function only(header: string | string[] | undefined): string | undefined {
	return typeof header === 'string' && header !== '' && !header.includes(',') ? header.trim() : undefined;
}

/** What a proxy says of the connection that it has taken; Traefik of a WebSocket, too. */
function isSecure(scheme: string | undefined): boolean | undefined {
	return scheme === undefined ? undefined : scheme === 'https' || scheme === 'wss';
}

function plain(address: string): string {
	return address.startsWith('::ffff:') && address.includes('.') ? address.slice(7) : address;
}

function isLoopback(address: string): boolean {
	return address === '::1' || plain(address).startsWith('127.');
}

/** A page of another name that points here (DNS rebinding) shows by its Host header. */
function isLoopbackHost(host: string): boolean {
	const name = host.replace(/:\d+$/, '');
	return name === 'localhost' || name === '[::1]' || /^127(\.\d{1,3}){3}$/.test(name);
}

const forwardingHeaders = ['forwarded', 'x-forwarded-for', 'x-forwarded-host', 'x-real-ip', 'via'];

function isForwarded(req: IncomingMessage): boolean {
	return forwardingHeaders.some((name) => req.headers[name] !== undefined);
}
