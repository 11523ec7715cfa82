import type { ServerResponse } from 'node:http';

/*
 * What every answer of ours says, good or bad. Answers of what stands behind us are left as they are.
 * Source: OWASP Secure Headers Project, ASVS 5.0 3.4.
 */

const always: readonly (readonly [string, string])[] = [
	['X-Content-Type-Options', 'nosniff'],
	['Content-Security-Policy', "default-src 'none'; frame-ancestors 'none'; base-uri 'none'"],
	['Referrer-Policy', 'no-referrer'],
	['Cross-Origin-Resource-Policy', 'same-origin'],
	// Most answers carry a name or a token, or depend on one. Files that do not say so themselves.
	['Cache-Control', 'no-store'],
];

/**
 * Of answers over TLS. Without `includeSubDomains`: it holds for a name and all its ports, and that is wide enough.
 * `seconds`: as `https.hsts` of the configuration has it; absent: nothing is said.
 */
export function hstsOf(seconds: number | false | undefined): string | undefined {
	return seconds === undefined || seconds === false ? undefined : `max-age=${seconds}`;
}

/** What the handler has not set by itself: names and values in turn, as `writeHead` takes them. */
export function unsetSecurityHeaders(res: ServerResponse, hsts: string | undefined): string[] {
	const unset: string[] = [];
	for (const [name, value] of always) if (!res.hasHeader(name)) unset.push(name, value);
	if (hsts !== undefined) unset.push('Strict-Transport-Security', hsts);
	return unset;
}

/** Sets them. */
export function setSecurityHeaders(res: ServerResponse, hsts: string | undefined): void {
	const unset = unsetSecurityHeaders(res, hsts);
	for (let at = 0; at < unset.length; at += 2) res.setHeader(unset[at] ?? '', unset[at + 1] ?? '');
}

/** The same as lines of a response that Node's parser refused, before there was a response object. */
export const rawSecurityHeaders = always.map(([name, value]) => `${name}: ${value}\r\n`).join('');
