import { statSync } from 'node:fs';
import { ConfigError, type Loaded } from '../config/read.ts';
import type { Config } from '../config/schema.ts';
import type { Audit } from '../core/audit.ts';
import type { Clock } from '../core/clock.ts';
import type { Log } from '../observability/log.ts';
import { digestOf } from './described-rules.ts';
import { type FollowingFile, followFile } from './follow-file.ts';
import { type LivePolicy, type Policy, policyOf } from './policy.ts';
import { warningsOf } from './warnings.ts';

/** Where the configuration comes from, to read it again. */
export interface ConfigSource {
	readonly file: string;
	/** As it was read at the start, before anything was changed for this process. */
	readonly loaded: Loaded;
	/** Reads it anew; throws a `ConfigError`. */
	load(): Loaded;
}

export interface ReloadParts {
	readonly source: ConfigSource;
	/** That of the running process. */
	readonly config: Config;
	readonly consolePath: string | undefined;
	readonly policy: LivePolicy;
	readonly audit: Audit;
	readonly log: Log;
	readonly clock: Clock;
	onFailure(): void;
}

/** What a changed file changes while the service runs. All else waits for the next start. */
const live = ['resources', 'networks', 'upstreamCredentials', 'portal'] as const;

/**
 * Takes the rules of a changed file over: it is read and checked whole first, then all of them change at once, for requests
 * that come from then on. What cannot be used changes nothing, and is told.
 */
export function followConfig(parts: ReloadParts): FollowingFile {
	const { source, policy, audit, log, clock, onFailure } = parts;
	const { file } = source;
	/** Of the last file that was taken, to compare the next one with. */
	let last = { said: saidBy(source.loaded.config), waiting: '' };

	function fail(cause: unknown) {
		onFailure();
		const problems = cause instanceof ConfigError ? cause.lines : [(cause as Error).message];
		log.error({ file, problems }, 'the configuration cannot be used: the rules read before stay in force');
	}

	function prepared(): { readonly next: Policy; readonly loaded: Loaded; readonly config: Config } {
		if (statSync(file, { throwIfNoEntry: false })?.size === 0) throw new ConfigError([`${file}: is empty`]);
		const loaded = source.load();
		const { resources, networks, upstreamCredentials, portal } = loaded.config;
		const config = { ...parts.config, resources, networks, upstreamCredentials, portal };
		return { next: policyOf(config, parts.consolePath, loaded.placeOf), loaded, config };
	}

	function read() {
		try {
			const startedAt = performance.now();
			const { next, loaded, config } = prepared();
			// It will be looked at again.
			if (!following.isSame()) return;
			const digest = digestOf(loaded.config);
			const said = saidBy(loaded.config);
			const isNew = said !== last.said;
			if (isNew) {
				// Before it counts: what cannot be audited is not done.
				audit.write({ act: 'rules-change', outcome: 'ok', digest });
				const tookMs = Math.round(performance.now() - startedAt);
				log.info(
					{ file, rules: next.gate.rules.length, digest, tookMs },
					'the rules were read again, and are in force',
				);
				for (const warning of warningsOf(config)) log.warn({ warning }, 'the configuration may not do what is meant');
			}
			// Also where they say the same, and stand in other lines.
			if (isNew || placesOf(next) !== placesOf(policy.present)) policy.put(next);
			const keys = changedKeys(source.loaded.config, loaded.config).filter((key) => !isLive(key));
			const waiting = keys.join();
			if (waiting !== last.waiting && keys.length > 0)
				log.warn({ file, keys }, 'these settings need a restart to change');
			last = { said, waiting };
		} catch (cause) {
			fail(cause);
		}
	}

	const following = followFile({ file, read, clock });
	return following;
}

/** All of it, secrets among it: for comparison. */
function saidBy(config: Config): string {
	return JSON.stringify(live.map((key) => config[key]));
}

function placesOf({ gate }: Policy): string {
	return gate.rules.map(gate.writtenAt).join();
}

function isLive(key: string): boolean {
	return live.some((part) => key === part || key.startsWith(`${part}.`));
}

/** The keys whose values differ: `http.port`. Values stay out: some are secrets. */
function changedKeys(one: unknown, other: unknown, at = ''): string[] {
	if (!isParts(one) || !isParts(other)) return JSON.stringify(one) === JSON.stringify(other) ? [] : [at];
	const keys = new Set([...Object.keys(one), ...Object.keys(other)]);
	return [...keys].flatMap((key) => changedKeys(one[key], other[key], at === '' ? key : `${at}.${key}`));
}

function isParts(value: unknown): value is Readonly<Record<string, unknown>> {
	return typeof value === 'object' && value !== null && !Array.isArray(value);
}
