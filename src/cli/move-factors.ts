import type { Stores } from '../app/store-types.ts';
import { createClock } from '../core/clock.ts';
import type { IdentityId } from '../core/identity.ts';
import { usedUp } from '../core/used-up.ts';
import { counted, say } from './output.ts';
import { patiently } from './patience.ts';

/**
 * To identities that have none there: without them a password alone would let in. Not to those whose credentials are others
 * there: what they had was removed there since, and does not come back.
 */
export async function moveFactors(from: Stores, to: Stores): Promise<void> {
	const there = new Set(await patiently(() => to.identities.authenticators.holders()));
	const stampAt = async ({ identities }: Stores, id: IdentityId) =>
		(await patiently(() => identities.find(id)))?.credentialStamp;
	let moved = 0;
	for (const id of await patiently(() => from.identities.authenticators.holders())) {
		if (there.has(id) || (await stampAt(from, id)) !== (await stampAt(to, id))) continue;
		await patiently(async () => to.identities.authenticators.write(id, await from.identities.authenticators.read(id)));
		moved += 1;
	}
	if (moved > 0) say(`second factors of ${counted(moved, 'identity')} moved`);
}

/** Those that a move brought before it was interrupted: what was used up at the source since would be good again. */
export async function dropFactors({ identities }: Stores): Promise<void> {
	for (const id of await identities.authenticators.holders())
		await identities.authenticators.write(id, { authenticators: [], recoveryCodes: [] });
}

/** Of a store that comes back from the past: what counts once may have been used elsewhere since. */
export async function useUpFactors({ identities: { authenticators } }: Stores): Promise<void> {
	const now = createClock().now();
	let voided = 0;
	for (const id of await authenticators.holders()) {
		const kept = await authenticators.read(id);
		voided += kept.recoveryCodes.filter(({ usedAt }) => usedAt === undefined).length;
		await authenticators.write(id, usedUp(kept, now));
	}
	sayVoided(voided, 'elsewhere');
}

/** `where`: they may have been used without this store knowing. */
export function sayVoided(codes: number, where: 'elsewhere' | 'after the backup'): void {
	if (codes > 0) say(`void from now on: ${counted(codes, 'recovery code')}, since some may have been used ${where}`);
}
