import type { Context } from 'koa';
import type { IdentityName } from '../../core/identity.ts';
import { parseIdentityName } from '../../core/identity.ts';
import { type Password, parsePassword } from '../../core/password.ts';

/** What an `Authorization: Basic` header says. Rule: RFC 7617, UTF-8. */
export interface BasicCredentials {
	readonly name: IdentityName;
	readonly password: Password;
}

/**
 * What asks a client for Basic credentials, or `undefined` where it would open a browser's own window over a page that
 * asks by script. Rule: RFC 9110, 11.6.1 and 15.5.2: a 401 has it; wget, Java and .NET send credentials only after it.
 */
export function basicChallengeFor({ req: { headers } }: Context): string | undefined {
	const mode = headers['sec-fetch-mode'];
	const isOfScript = (mode !== undefined && mode !== 'navigate') || headers['x-requested-with'] !== undefined;
	return isOfScript ? undefined : 'Basic realm="Latchkey", charset="UTF-8"';
}

const shape = /^basic +([A-Za-z0-9+/]+={0,2})$/i;
const maxLength = 4096;
const strictUtf8 = new TextDecoder('utf-8', { fatal: true });

/**
 * `undefined`: no Basic credentials came along. `unusable`: they did, and cannot be anybody's: not base64, not UTF-8,
 * no colon, an empty name or password.
 */
export function basicCredentialsOf(ctx: Context): BasicCredentials | 'unusable' | undefined {
	const header = ctx.req.headers.authorization;
	if (header === undefined || !/^basic\b/i.test(header)) return undefined;
	const [, base64] = (header.length <= maxLength && shape.exec(header)) || [];
	if (base64 === undefined) return 'unusable';
	let text: string;
	try {
		text = strictUtf8.decode(Buffer.from(base64, 'base64'));
	} catch {
		return 'unusable';
	}
	// The first colon: a password may hold more of them.
	const colon = text.indexOf(':');
	if (colon === -1) return 'unusable';
	const name = parseIdentityName(text.slice(0, colon));
	const password = parsePassword(text.slice(colon + 1));
	return name === undefined || password === undefined ? 'unusable' : { name, password };
}
