import type { Permission } from '../../../core/identity.ts';

const ofKura = [
	'admin',
	'cloud.connection.admin',
	'device',
	'maintenance',
	'network.admin',
	'packages.admin',
	'wires.admin',
];
const ofRest = [
	...['assets', 'cloudconnection', 'command', 'configuration', 'deploy', 'identity', 'inventory', 'keystores'],
	...['network.configuration', 'network.status', 'position', 'security', 'system', 'tamper.detection', 'wires.admin'],
];

/** The permissions that a Kura has from the start. */
export const wellKnownPermissions = [
	...ofKura.map((name) => `kura.${name}`),
	...ofRest.map((name) => `rest.${name}`),
] as readonly string[] as readonly Permission[];

/** What manages identities and permissions, here as there. */
export const identityPermission = 'rest.identity' as Permission;
