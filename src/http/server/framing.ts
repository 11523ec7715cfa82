import type { IncomingMessage } from 'node:http';

/*
 * What makes two servers on the way disagree about where a request ends, or whom it is for (request smuggling), is
 * refused by Node's parser. This it lets pass: a 400, and the connection closed, whatever is asked for.
 */

export type Framed = Pick<IncomingMessage, 'headers' | 'httpVersion' | 'rawHeaders' | 'url'>;

export function isPlain(req: Framed): boolean {
	return hasOneHost(req) && isPlainlyFramed(req) && isOriginForm(req.url);
}

/** A name or an address, and a port. Ours: none of the signs that a URL would be taken apart at. */
const aHost = /^(?:[\w.~%-]*|\[[\w.:%-]+\])(?::\d{0,5})?$/;

/** One `Host`, which before HTTP/1.1 may be left out. Rule: RFC 9112, 3.2. */
function hasOneHost({ rawHeaders, httpVersion }: Framed): boolean {
	let hosts = 0;
	for (let at = 0; at < rawHeaders.length; at += 2) {
		const name = rawHeaders[at];
		if (name?.length !== 4 || name.toLowerCase() !== 'host') continue;
		if (!aHost.test(rawHeaders[at + 1] ?? '')) return false;
		hosts += 1;
	}
	return hosts === 1 || (hosts === 0 && httpVersion !== '1.1');
}

/**
 * A body as long as its `Content-Length` says, or chunked and nothing else. `gzip, chunked` would be passed on without
 * its gzip; before HTTP/1.1 there were no chunks. Rule: RFC 9112, 6.1.
 */
function isPlainlyFramed({ headers, httpVersion }: Framed): boolean {
	const coding = headers['transfer-encoding'];
	return coding === undefined || (coding.toLowerCase() === 'chunked' && httpVersion === '1.1');
}

/**
 * A path, as every client sends it to a server that it takes for no proxy. In another form the target names a second
 * host, and behind a `#` stands what some cut off and others do not.
 */
function isOriginForm(target = ''): boolean {
	return target.startsWith('/') && !target.includes('#');
}

/**
 * A target that is a whole URL with the host that the request is for becomes the path in it: a server must take both.
 * One that names another host stays as it is, and is not plain. Rule: RFC 9112, 3.2.2.
 */
export function toOriginForm(req: Pick<IncomingMessage, 'headers' | 'url'>): void {
	const { url = '', headers } = req;
	if (url.startsWith('/')) return;
	const [, scheme = '', authority, rest = ''] = /^(https?):\/\/([^/?#@]+)([/?].*)?$/i.exec(url) ?? [];
	if (authority === undefined || headers.host === undefined) return;
	const bare = (host: string) => host.toLowerCase().replace(scheme.toLowerCase() === 'https' ? /:443$/ : /:80$/, '');
	if (bare(authority) === bare(headers.host)) req.url = rest.startsWith('/') ? rest : `/${rest}`;
}
