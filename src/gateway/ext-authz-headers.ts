import type { Context } from 'koa';
import type { Access } from '../core/requirements.ts';
import { apiTokenOf } from '../http/request/bearer.ts';
import { identityHeaders } from './authorize.ts';
import { overrides } from './overrides.ts';

/** With `_` and `.`, CGI and its children see the same variable. */
function spellings(name: string): string[] {
	const [first = '', ...others] = name.split('-');
	return others.reduce(
		(heads, part) => heads.flatMap((head) => ['-', '_', '.'].map((sign) => head + sign + part)),
		[first],
	);
}
const believed = [
	...['remote-user', 'remote-groups', 'remote-name', 'remote-email', 'client-cert'],
	...['remote-level', 'remote-methods', 'remote-proved-at'],
	...overrides,
].flatMap(spellings);

/**
 * What Envoy makes of a request that passes: who asks, and which headers of the client go no further. Envoy replaces only what an
 * answer names, so where nobody is named the client's own word would stay. `secrets`: names of headers that are for us alone.
 * Source: Envoy, `OkHttpResponse.headers_to_remove`; it removes last.
 */
export function extAuthzHeaders(
	ctx: Context,
	access: Access | undefined,
	secrets: readonly string[],
	isOwnAuthorization: (value: string) => boolean,
): Readonly<Record<string, string>> {
	const said = access ? identityHeaders(access) : {};
	const ours = new Set(Object.keys(said).map((name) => name.toLowerCase()));
	const { authorization = '' } = ctx.req.headers;
	const isToken = apiTokenOf(authorization) !== undefined || isOwnAuthorization(authorization);
	const removed = new Set([...believed, ...secrets, ...(isToken ? ['authorization'] : [])]).difference(ours);
	return { ...said, 'X-Envoy-Auth-Headers-To-Remove': [...removed].join(', ') };
}
