import type { Config } from '../config/schema.ts';
import type { OperatorLogin } from '../core/configured-login.ts';
import { parseIdentityName } from '../core/identity.ts';
import { parsePassword } from '../core/password.ts';
import type { Core } from './core.ts';

/** Config: `dialects.kismet.username`, `dialects.kismet.password`; absent where there is no password. */
export function kismetLoginOf({ dialects: { kismet } }: Config): OperatorLogin | undefined {
	if (!kismet.enabled || kismet.password === undefined) return undefined;
	const name = parseIdentityName(kismet.username ?? 'kismet');
	const password = parsePassword(kismet.password);
	if (name === undefined || password === undefined) throw new Error('dialects.kismet: cannot be a login');
	return { name, password };
}

/** Rejects where an identity cannot bear that name. */
async function makeConfiguredLogin(core: Core, login: OperatorLogin): Promise<void> {
	const ensured = await core.ensureLogin(login);
	if (ensured.ok) return;
	const { refusal } = ensured;
	const why = refusal.kind === 'bad-name' ? `the name ${refusal.because}` : refusal.kind;
	throw new Error(`dialects.kismet: the login cannot be made: ${why}`);
}

/** What is to be there before the first request. Closes the core where that cannot be. */
export async function prepare(
	core: Core,
	listener: { prepare?: ((core: Core) => Promise<void>) | undefined },
	login: OperatorLogin | undefined,
): Promise<void> {
	try {
		await listener.prepare?.(core);
		if (login) await makeConfiguredLogin(core, login);
	} catch (fault) {
		await core.close();
		throw fault;
	}
}
