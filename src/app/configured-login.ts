import type { OperatorLogin } from '../core/configured-login.ts';
import type { Core } from './core.ts';

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
