import type { IncomingMessage } from 'node:http';

/*
 * What makes two servers on the way disagree about where a request ends, or whom it is for (request smuggling), is
 * refused by Node's parser. These two it lets pass: a 400, and the connection closed.
 */

/** Not more than one `Host`; HTTP/1.0 may leave it out. Rule: RFC 9112, 3.2. */
export function hasOneHost(rawHeaders: readonly string[]): boolean {
	return rawHeaders.filter((name, at) => at % 2 === 0 && name.toLowerCase() === 'host').length <= 1;
}

/**
 * A body as long as its `Content-Length` says, or chunked and nothing else. `gzip, chunked` would be passed on without
 * its gzip; before HTTP/1.1 there were no chunks. Rule: RFC 9112, 6.1.
 */
export function isPlainlyFramed({ headers, httpVersion }: Pick<IncomingMessage, 'headers' | 'httpVersion'>): boolean {
	const coding = headers['transfer-encoding'];
	return coding === undefined || (coding.toLowerCase() === 'chunked' && httpVersion === '1.1');
}
