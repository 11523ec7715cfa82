import type { Preset, PresetRule } from './preset.ts';

/*
 * The REST services of Eclipse Kura, each with the permission that Kura asks for. Session V1 is ours: it never comes here.
 */

const services: readonly (readonly [permission: string, ...paths: string[]])[] = [
	['rest.assets', 'assets'],
	['rest.cloudconnection', 'cloudconnection/v1'],
	['rest.command', 'command/v1'],
	['rest.configuration', 'configuration/v2'],
	['rest.identity', 'identity/v1', 'identity/v2'],
	['rest.inventory', 'inventory/v1'],
	['rest.keystores', 'keystores/v1', 'keystores/v2'],
	['rest.network.configuration', 'networkConfiguration/v1'],
	['rest.network.status', 'networkStatus/v1'],
	['rest.deploy', 'deploy/v2'],
	['rest.position', 'position/v1'],
	['rest.security', 'security/v1', 'security/v2'],
	['rest.system', 'system/v1'],
	['rest.tamper.detection', 'tamper/v1'],
	['rest.wires.admin', 'wire/v1'],
];

const at = (path: string) => `/services/${path}`;
/** Spelt so by Kura. */
const open = ['definedPermissions', 'passwordRequirements', 'passwordStrenghtRequirements'];

export const kura: Preset = {
	// As Kura itself.
	xsrf: 'always',
	stripQuery: [],
	// A session that was opened with our credentials.
	cookies: ['JSESSIONID'],
	rules: [
		{
			paths: ['identity/v1', 'identity/v2'].flatMap((service) => open.map((name) => at(`${service}/${name}`))),
			hold: 'exact',
			who: 'public',
		},
		{
			paths: [at('security/v1/debug-enabled'), at('security/v2/debug-enabled')],
			hold: 'exact',
			who: 'authenticated',
		},
		...services.map(([permission, ...paths]): PresetRule => ({ paths: paths.map(at), who: [permission] })),
		{ paths: [at('serviceListing/v1')], who: 'authenticated' },
	],
};
