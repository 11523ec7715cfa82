import { composeApp, openLogs } from './app/service.ts';
import { readConfig } from './config/read.ts';
import { createGuard } from './embed/guard.ts';
import { createIdentityVerbs } from './embed/identities.ts';
import { routesInside } from './embed/inside.ts';
import type { Latchkey, LatchkeyOptions } from './embed/latchkey.ts';

export type * from './embed/latchkey.ts';
export { LatchkeyRefusal } from './embed/refusal.ts';

/**
 * Opens Latchkey inside a Koa app: the same logins, sessions and decisions as the service, without its server.
 * Rejects with a `ConfigError`, whose `lines` name every problem of the configuration, or where a store cannot be opened.
 */
export async function createLatchkey(options: LatchkeyOptions = {}): Promise<Latchkey> {
	const { config: given = {}, env = {}, clientCertificates: certificates, firstSetup = false, log } = options;
	const config = readConfig({ ...(typeof given === 'string' ? { file: given } : { settings: given }), env });
	const logs = openLogs(config, log);
	const composed = await composeApp(config, logs, {
		trustFiles: certificates && {
			clientCa: certificates.ca,
			...(certificates.crl !== undefined && { clientCrl: certificates.crl }),
		},
		certificatePorts: () => certificates && (certificates.ports ?? []),
		firstSetup: firstSetup ? 'by-token' : 'off',
	});
	const { core } = composed;
	const stopLooking = core.followNotes((objection) => logs.log.error({}, objection));
	const app = composed.appWith();
	return {
		routes: () => routesInside(app, composed),
		guard: (permission, how) => createGuard(composed, permission, how),
		loggedIn: (how) => createGuard(composed, undefined, how),
		identities: createIdentityVerbs(core),
		setupToken: async () => (firstSetup ? core.identities.setupToken() : undefined),
		probe: core.probe,
		async close() {
			stopLooking();
			await composed.close();
		},
	};
}
