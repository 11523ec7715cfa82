import { type ClientTrustFiles, openClientTrust } from '../certificates/client-trust.ts';
import { openTls, type TlsFiles } from '../certificates/server-tls.ts';
import { ConfigError } from '../config/read.ts';
import type { Config } from '../config/schema.ts';
import { createClock } from '../core/clock.ts';
import { examineFile } from '../files/examine-file.ts';
import { brandingOf } from './branding.ts';
import { gateOf, type PlaceOf } from './gate.ts';
import { readSigningKey } from './signing-key.ts';

/** `undefined`: there is no https port of our own. */
export function tlsFilesOf({ https }: Config): TlsFiles | undefined {
	return https?.cert !== undefined && https.key !== undefined ? { cert: https.cert, key: https.key } : undefined;
}

export function trustFilesOf({ https }: Config): ClientTrustFiles | undefined {
	if (https?.clientCa === undefined) return undefined;
	return { clientCa: https.clientCa, ...(https.clientCrl !== undefined && { clientCrl: https.clientCrl }) };
}

/**
 * Throws where the parts that a configuration names cannot be put together: ambiguous paths, files of certificates, folders
 * that cannot be made. Returns what the files of certificates lack, where that does not stop the start. `placeOf`: where a key stands, for
 * the operator who has to change it.
 */
export function examine(config: Config, placeOf: PlaceOf = () => ''): readonly string[] {
	const lines: string[] = [];
	const attempt = (key: string, act: () => unknown) => {
		try {
			act();
		} catch (fault) {
			if (fault instanceof ConfigError) lines.push(...fault.lines);
			else lines.push(`${placeOf(key.split('.'))}${key}: ${(fault as Error).message}`);
		}
	};
	const warnings: string[] = [];
	const log = {
		info: () => undefined,
		error: ({ reason }: { readonly reason?: unknown }, text: string) =>
			void warnings.push(`https.clientCa: ${[text, reason].filter(Boolean).join(': ')}`),
	};
	const files = trustFilesOf(config);
	attempt('resources', () => gateOf(config, placeOf));
	attempt('portal.logo', () => brandingOf(config, placeOf));
	const tls = tlsFilesOf(config);
	if (tls) attempt('https', () => openTls(tls, undefined, log));
	for (const key of ['identities', 'sessions'] as const) {
		const [, path] = /^sqlite:(.*)$/.exec(config.store[key]) ?? [];
		if (path !== undefined) attempt(`store.${key}`, () => examineFile(path));
	}
	const { enabled, keyFile } = config.dialects.kuraTokens;
	if (enabled && keyFile !== undefined) attempt('dialects.kuraTokens.keyFile', () => readSigningKey(keyFile));
	const { auditFile } = config.log;
	if (auditFile !== undefined) attempt('log.auditFile', () => examineFile(auditFile));
	if (files) attempt('https.clientCa', () => openClientTrust(files, { clock: createClock(), log }));
	if (lines.length > 0) throw new ConfigError(lines);
	return warnings;
}
