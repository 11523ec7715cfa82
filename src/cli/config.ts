import { firstAdministratorOf } from './first-run.ts';
import type { Common } from './identity.ts';
import { print, printJson, say, styled, table, write } from './output.ts';
import { readSettings } from './settings.ts';

/**
 * Says that the configuration can be used, and what in it may surprise; what is wrong with it leaves as an error, and is
 * said by the caller.
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

/** All settings in force, and where each comes from. Secrets stay out. */
export async function showConfig({ config: given, json }: Common): Promise<void> {
	const settings = readSettings(given);
	const { effectiveSettings } = await import('../config/effective.ts');
	const all = effectiveSettings(settings);
	if (json) return printJson(all);
	const rows = all.map(({ key, value, from }) => [
		key,
		typeof value === 'string' ? value : JSON.stringify(value).replaceAll(',', ', '),
		from,
	]);
	print(table(['KEY', 'VALUE', 'FROM'], rows));
}

/** A JSON Schema of the file, for editors. */
export async function printSchema(): Promise<void> {
	const { jsonSchema } = await import('../config/json-schema.ts');
	print(JSON.stringify(jsonSchema(), undefined, '\t'));
}

/** A file to begin with. */
export async function printTemplate(): Promise<void> {
	const { configTemplate } = await import('../config/template.ts');
	write(configTemplate());
}
