import { firstAdministratorOf } from './first-run.ts';
import type { Common } from './identity.ts';
import { print, say, styled } from './output.ts';
import { readSettings } from './settings.ts';

/**
 * Says that the configuration can be used, and what in it may surprise; what is wrong with it leaves as an error, and is
 * said by whoever runs us.
 */
export async function checkConfig({ config, json }: Common): Promise<void> {
	const { file, config: settings, variables, placeOf } = readSettings(config);
	const [{ examine }, { warningsOf }] = await Promise.all([import('../app/validate.ts'), import('../app/warnings.ts')]);
	const warnings = [...examine(settings, placeOf), ...warningsOf(settings)];
	firstAdministratorOf(process.env);
	if (!json) for (const warning of warnings) say(`${styled('yellow', 'warning:')} ${warning}`);
	const also = { ...(variables.length > 0 && { environment: variables }), ...(warnings.length > 0 && { warnings }) };
	const what = [file ?? 'the defaults', ...variables].join(', ');
	print(json ? JSON.stringify({ file: file ?? null, ...also, ok: true }) : `${what}: ok`);
}
