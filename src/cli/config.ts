import type { Common } from './identity.ts';
import { print } from './output.ts';
import { readSettings } from './settings.ts';

/** Says that the configuration can be used; what is wrong with it leaves as an error, and is said by whoever runs us. */
export function checkConfig({ config, json }: Common): void {
	const { file } = readSettings(config);
	print(json ? JSON.stringify({ file: file ?? null, ok: true }) : `${file ?? 'the defaults'}: ok`);
}
