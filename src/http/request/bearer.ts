import { apiTokenPrefix } from '../../core/api-token.ts';

const shape = new RegExp(`^bearer +(${apiTokenPrefix}.*)$`, 'i');

/**
 * What an `Authorization` header shows as an API token of ours, whatever it is worth. `undefined`: something else, as a
 * bearer token of an application behind us. Taken from no other place: not from the URL, a form or a cookie. Rule: RFC
 * 6750, 2.1; OWASP ASVS 5.0, 14.2.1.
 */
export function apiTokenOf(authorization: string | undefined): string | undefined {
	return authorization === undefined ? undefined : shape.exec(authorization)?.[1]?.trimEnd();
}

/** What an `Authorization` header shows as a bearer token, whosever it is. Rule: RFC 6750, 2.1. */
export function bearerOf(authorization: string | undefined): string | undefined {
	return authorization === undefined ? undefined : /^bearer +(\S+) *$/i.exec(authorization)?.[1];
}
