import type { Config } from '../config/schema.ts';
import type { AuthenticatorStore } from '../core/authenticator-store.ts';
import { openSealingKeys } from './sealing-keys.ts';
import type { Stores } from './store-types.ts';

/** How many TOTP secrets there are, by what became of them. */
export interface Resealed {
	/** Whether there is any key. */
	readonly hasKey: boolean;
	readonly resealed: number;
	/** By the key that seals, already. */
	readonly current: number;
	/** None of the keys opens them: those apps prove nothing. */
	readonly lost: number;
}

/** Of everybody. */
async function* secretsIn(store: AuthenticatorStore) {
	for (const identityId of await store.holders())
		for (const authenticator of await store.list(identityId)) if (authenticator.kind === 'totp') yield authenticator;
}

/** How many TOTP secrets none of the keys opens. */
export async function lostSecrets(config: Config, { identities }: Stores): Promise<number> {
	const sealing = await openSealingKeys(config)?.present();
	let lost = 0;
	for await (const totp of secretsIn(identities.authenticators))
		if (sealing?.unseal(totp.sealedSecret, totp) === undefined) lost += 1;
	return lost;
}

/** Seals all TOTP secrets by the first of the keys. While the service runs, or not. */
export async function resealAll(config: Config, { identities: { authenticators: store } }: Stores): Promise<Resealed> {
	const sealing = await openSealingKeys(config)?.present();
	const counts = { resealed: 0, current: 0, lost: 0 };
	for await (const totp of secretsIn(store)) {
		const secret = sealing?.unseal(totp.sealedSecret, totp);
		if (sealing === undefined || secret === undefined) counts.lost += 1;
		else if (sealing.isCurrent(totp.sealedSecret)) counts.current += 1;
		// One that was replaced or removed meanwhile needs nothing.
		else if (await store.reseal(totp.id, totp.sealedSecret, sealing.seal(secret, totp))) counts.resealed += 1;
	}
	return { hasKey: sealing !== undefined, ...counts };
}
