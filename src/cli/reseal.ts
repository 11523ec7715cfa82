import { resealAll } from '../app/reseal.ts';
import type { Common } from './identity.ts';
import { Failed, say } from './output.ts';
import { readSettings, withStores } from './settings.ts';

/** Seals the secrets of all apps by the first of the keys, so that the others can go. */
export async function resealStore(options: Common): Promise<void> {
	const { config } = readSettings(options.config);
	const found = await withStores(config, (stores) => resealAll(config, stores));
	if (found === undefined)
		throw new Failed('there is no sealing key: secondFactor.sealingKey is absent, and no app was ever set up');
	const { resealed, current, lost } = found;
	say(`${resealed} of ${resealed + current + lost} secrets sealed by the present key; ${current} were already`);
	if (lost > 0) throw new Failed(`${lost} cannot be opened by any of the keys: those apps prove nothing`);
}
