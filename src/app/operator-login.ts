import type { Config } from '../config/schema.ts';
import type { OperatorLogin } from '../core/configured-login.ts';
import { parseIdentityName } from '../core/identity.ts';
import { parsePassword } from '../core/password.ts';

/** Config: `dialects.kismet.username`, `dialects.kismet.password`; absent where there is no password. */
export function kismetLoginOf({ dialects: { kismet } }: Config): OperatorLogin | undefined {
	if (!kismet.enabled || kismet.password === undefined) return undefined;
	const name = parseIdentityName(kismet.username ?? 'kismet');
	const password = parsePassword(kismet.password);
	if (name === undefined || password === undefined) throw new Error('dialects.kismet: cannot be a login');
	return { name, password };
}
