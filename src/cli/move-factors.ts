import type { AuthenticatorStore } from '../core/authenticator-store.ts';
import { say } from './output.ts';
import { patiently } from './patience.ts';

/** To identities that have none there: without them a password alone would let in. */
export async function moveFactors(from: AuthenticatorStore, to: AuthenticatorStore): Promise<void> {
	const there = new Set(await patiently(() => to.holders()));
	const missing = (await patiently(() => from.holders())).filter((id) => !there.has(id));
	for (const id of missing) await patiently(async () => to.write(id, await from.read(id)));
	if (missing.length > 0) say(`second factors of ${missing.length} identities moved`);
}
