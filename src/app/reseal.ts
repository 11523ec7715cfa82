import type { Config } from '../config/schema.ts';
import { openSealingKeys } from './sealing-keys.ts';
import type { Stores } from './store-types.ts';

/** How many TOTP secrets there are, by what became of them. */
export interface Resealed {
	readonly resealed: number;
	/** By the key that seals, already. */
	readonly current: number;
	/** None of the keys opens them: those apps prove nothing. */
	readonly lost: number;
}

/** How many TOTP secrets none of the keys opens: those apps prove nothing. */
export async function lostSecrets(config: Config, { identities: { authenticators: store } }: Stores): Promise<number> {
	const sealing = await openSealingKeys(config)?.present();
	let lost = 0;
	for (const identityId of await store.holders()) {
		for (const authenticator of await store.list(identityId)) {
			if (authenticator.kind !== 'totp') continue;
			const { id, sealedSecret } = authenticator;
			if (sealing?.unseal(sealedSecret, { id, identityId }) === undefined) lost += 1;
		}
	}
	return lost;
}

/** Seals all TOTP secrets by the first of the keys. `undefined`: there is no key. While the service runs, or not. */
export async function resealAll(
	config: Config,
	{ identities: { authenticators: store } }: Stores,
): Promise<Resealed | undefined> {
	const sealing = await openSealingKeys(config)?.present();
	if (sealing === undefined) return undefined;
	const counts = { resealed: 0, current: 0, lost: 0 };
	for (const identityId of await store.holders()) {
		for (const authenticator of await store.list(identityId)) {
			if (authenticator.kind !== 'totp') continue;
			const { id, sealedSecret } = authenticator;
			const secret = sealing.unseal(sealedSecret, { id, identityId });
			if (secret === undefined) counts.lost += 1;
			else if (sealing.isCurrent(sealedSecret)) counts.current += 1;
			// One that was replaced or removed meanwhile needs nothing.
			else if (await store.reseal(id, sealedSecret, sealing.seal(secret, { id, identityId }))) counts.resealed += 1;
		}
	}
	return counts;
}
