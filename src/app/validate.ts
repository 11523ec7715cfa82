import { type ClientTrustFiles, openClientTrust } from '../certificates/client-trust.ts';
import { openTls, type TlsFiles } from '../certificates/server-tls.ts';
import { ConfigError } from '../config/read.ts';
import type { Config } from '../config/schema.ts';
import { createClock } from '../core/clock.ts';
import type { Permission } from '../core/identity.ts';
import { examineFile } from '../files/examine-file.ts';
import { canonicalPath } from '../gateway/path.ts';
import { createRules, type Rule, type RuleOf } from '../gateway/rules.ts';
import { createIsWideWorker, type IsWideWorker } from '../gateway/service-worker.ts';
import { ownPages } from './own-paths.ts';

/** What is protected, as the gateway knows it. */
export interface Gate {
	readonly ruleOf: RuleOf;
	readonly isWideWorker: IsWideWorker;
}

export function gateOf(config: Config): Gate {
	const rules = config.resources.map(({ path, permission, upstream, host, xsrf, unauthenticated }, index): Rule => {
		const canonical = canonicalPath(path);
		if (canonical === undefined) throw new Error(`resources.${index}.path: ${path} can be read in several ways`);
		return {
			path: canonical,
			permission: permission as Permission,
			xsrf,
			unauthenticated,
			...(upstream && { upstream: new URL(upstream) }),
			...(host && { host }),
		};
	});
	return { ruleOf: createRules(rules), isWideWorker: createIsWideWorker(ownPages(config), rules) };
}

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
 * whoever has to change it.
 */
export function examine(
	config: Config,
	placeOf: (path: readonly PropertyKey[]) => string = () => '',
): readonly string[] {
	const lines: string[] = [];
	const attempt = (key: string, act: () => unknown) => {
		try {
			act();
		} catch (fault) {
			const { message } = fault as Error;
			const text = /^resources\.\d+\./.test(message) ? message : `${key}: ${message}`;
			const [at = ''] = text.split(':');
			lines.push(`${placeOf(at.split('.').map((part) => (/^\d+$/.test(part) ? Number(part) : part)))}${text}`);
		}
	};
	const warnings: string[] = [];
	const log = {
		info: () => undefined,
		error: ({ reason }: { readonly reason?: unknown }, text: string) =>
			void warnings.push(`https.clientCa: ${[text, reason].filter(Boolean).join(': ')}`),
	};
	const files = trustFilesOf(config);
	attempt('resources', () => gateOf(config));
	const tls = tlsFilesOf(config);
	if (tls) attempt('https', () => openTls(tls, undefined, log));
	for (const key of ['identities', 'sessions'] as const) {
		const [, path] = /^sqlite:(.*)$/.exec(config.store[key]) ?? [];
		if (path !== undefined) attempt(`store.${key}`, () => examineFile(path));
	}
	const { auditFile } = config.log;
	if (auditFile !== undefined) attempt('log.auditFile', () => examineFile(auditFile));
	if (files) attempt('https.clientCa', () => openClientTrust(files, { clock: createClock(), log }));
	if (lines.length > 0) throw new ConfigError(lines);
	return warnings;
}
