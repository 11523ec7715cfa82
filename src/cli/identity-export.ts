import { fstatSync } from 'node:fs';
import type { Identity } from '../core/identity.ts';
import { type OwnFormat, ownFormat } from '../moving-in/own-json.ts';
import type { Common } from './identity.ts';
import { printJson, say } from './output.ts';
import { withCore } from './settings.ts';

export interface ExportOptions extends Common {
	readonly withVerifiers?: boolean;
}

/** Prints all identities as JSON, which `identity import --from json` reads. */
export async function exportIdentities({ config, withVerifiers = false }: ExportOptions): Promise<void> {
	await withCore(config, async ({ identities }) => {
		const all = await identities.list();
		const exported: OwnFormat = {
			format: ownFormat,
			version: 1,
			identities: all.map((each) => toJson(each, withVerifiers)),
		};
		printJson(exported);
		if (!withVerifiers) say('without verifiers: nobody imported from it has a password (--with-verifiers)');
		else if (othersMayRead()) say('others may read what this is written to: umask 077, or chmod 600');
	});
}

function toJson(identity: Identity, withVerifiers: boolean): OwnFormat['identities'][number] {
	const { name, permissions, passwordVerifier, passwordChangeNeeded, disabled, service, expiresAt } = identity;
	return {
		name,
		permissions: [...permissions].sort(),
		...(withVerifiers && passwordVerifier !== undefined && { verifier: passwordVerifier }),
		...(passwordChangeNeeded && { passwordChangeNeeded }),
		...(disabled && { disabled }),
		...(service && { service }),
		...(expiresAt !== undefined && { expiresAt: new Date(expiresAt).toISOString() }),
	};
}

/** Where stdout is a file. */
function othersMayRead(): boolean {
	const stdout = fstatSync(1);
	return stdout.isFile() && (stdout.mode & 0o077) !== 0;
}
