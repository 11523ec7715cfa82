import { resealAll } from '../app/reseal.ts';
import type { Common } from './identity.ts';
import { counted, Failed, say } from './output.ts';
import { readSettings, withStores } from './settings.ts';

/** What to do where secrets are sealed by a key that is not there. */
export const putItBack =
	'put back the file latchkey.db.sealing-key, or secondFactor.sealingKey, of the time when they were set up';

/** Seals the secrets of all apps by the first of the keys, so that the others can go. */
export async function resealStore(options: Common): Promise<void> {
	const { config } = readSettings(options.config);
	const { hasKey, resealed, current, lost } = await withStores(config, (stores) => resealAll(config, stores));
	if (!hasKey)
		throw new Failed(
			lost === 0
				? 'there is no sealing key: secondFactor.sealingKey is absent, and no app was ever set up'
				: `there is no sealing key, and ${counted(lost, 'app')} cannot be used without it: ${putItBack}`,
		);
	say(`${resealed} of ${resealed + current + lost} secrets sealed by the present key; ${current} were already`);
	if (lost > 0) throw new Failed(`${lost} cannot be opened by any of the keys: those apps prove nothing`);
}
