import type { OperatorLogin } from '../core/configured-login.ts';
import type { Refusal } from '../core/refusal.ts';
import type { Core } from './core.ts';

function reasonOf(refusal: Refusal, { name }: OperatorLogin): string {
	if (refusal.kind === 'bad-name') return `the name ${refusal.because}`;
	if (refusal.kind !== 'name-taken') return refusal.kind;
	return `${name} is somebody who is no administrator: rename or remove that identity, or set another username`;
}

/** Rejects where an identity cannot bear that name. */
async function makeConfiguredLogin(core: Core, login: OperatorLogin): Promise<void> {
	const ensured = await core.ensureLogin(login);
	if (ensured.ok) return;
	const { refusal } = ensured;
	throw new Error(`dialects.kismet: the login cannot be made: ${reasonOf(refusal, login)}`);
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
