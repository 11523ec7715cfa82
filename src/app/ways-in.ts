import type { Config } from '../config/schema.ts';

/** Which ways in are open. Rule: Kura: a mechanism that is off is off for every way to show it. */
export function waysInOf({ auth }: Config): Config['auth'] {
	return {
		...auth,
		basic: auth.basic && auth.password,
		statelessCertificate: auth.statelessCertificate && auth.certificate,
	};
}
