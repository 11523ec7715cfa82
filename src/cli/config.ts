import { firstAdministratorOf } from './first-run.ts';
import type { Common } from './identity.ts';
import { print } from './output.ts';
import { readSettings } from './settings.ts';

/** Says that the configuration can be used; what is wrong with it leaves as an error, and is said by whoever runs us. */
export async function checkConfig({ config, json }: Common): Promise<void> {
	const { file, config: settings, variables, placeOf } = readSettings(config);
	const { examine } = await import('../compose/examine.ts');
	examine(settings, placeOf);
	firstAdministratorOf(process.env);
	const environment = variables.length > 0 && { environment: variables };
	const what = [file ?? 'the defaults', ...variables].join(', ');
	print(json ? JSON.stringify({ file: file ?? null, ...environment, ok: true }) : `${what}: ok`);
}
