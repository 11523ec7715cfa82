import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import type { TestFn } from 'ava';
import type { OpenHashThreads } from '../../src/app/core.ts';
import { openService, type Service } from '../../src/app/service.ts';
import { loadConfig } from '../../src/config/read.ts';
import type { Config } from '../../src/config/schema.ts';
import type { Clock } from '../../src/core/clock.ts';
import type { Identity, IdentityName, Permission } from '../../src/core/identity.ts';
import type { Password } from '../../src/core/password.ts';
import { createLogs } from '../../src/observability/log.ts';
import { dataDir } from './folder.ts';
import { sharedHashThreads } from './hash-threads.ts';

/** A part of a configuration, as it stands in a YAML file. */
export type Settings = Readonly<Record<string, unknown>>;

export interface TestService {
	/** Of the http endpoint: `http://127.0.0.1:40123`. */
	readonly url: string;
	/** Whether it keeps what it keeps in stores of all specs: `keepIn`. */
	readonly isShared: boolean;
	readonly service: Service;
	readonly config: Config;
	/** Where its files stand; gone after `close`. */
	readonly folder: string;
	/** Every line that it logged, parsed. */
	readonly lines: Record<string, unknown>[];
	/** The audit's lines among them. */
	audit(): Record<string, unknown>[];
	/** Adds an identity, policy or not. Without a password: certificate only. */
	add(name: string, password?: string, how?: { permissions?: string[]; mustChange?: boolean }): Promise<Identity>;
	close(): Promise<void>;
}

/** Cheap hashes: what is tested is everything else. */
const cheap = { passwordHash: { memory: 64, iterations: 1, parallelism: 1 } };
/** One thread does a thousand of them in a second, and to start another takes longer than they do. */
const mostThreads = ({ passwordHash: { memory } }: Config, most: number) => (memory > 64 ? most : 1);

let usualStores = async (): Promise<Settings> => ({});
let areShared = false;

/** Where services started from now on keep what they keep, unless their settings say so: `store` of a configuration. */
export function keepIn(stores: () => Promise<Settings>) {
	usualStores = stores;
	areShared = true;
}

/** Where all tests of a file start a service of their own over the same servers, one after the other is soon enough. */
export function inTurns(test: TestFn): TestFn | TestFn['serial'] {
	return areShared ? test.serial : test;
}

/**
 * The real service in this process, on a free port, with SQLite in a folder of its own; by its own clock or a given one. `hashThreads`:
 * in place of those that all specs of a file share.
 */
export async function startService(
	settings: Settings = {},
	clock?: Clock,
	hashThreads: OpenHashThreads = sharedHashThreads,
): Promise<TestService> {
	const folder = await mkdtemp(join(dataDir, 'latchkey-spec-'));
	const file = join(folder, 'latchkey.yaml');
	const { http, ...others } = settings;
	const store = await usualStores();
	await writeFile(file, JSON.stringify({ ...cheap, store, ...others, http: { port: 0, ...(http as object) } }));
	const load = () => loadConfig({ file, env: { LATCHKEY_DATA_DIR: folder } });
	const loaded = load();
	const { config } = loaded;
	const lines: Record<string, unknown>[] = [];
	const to = new Writable({
		write(chunk, _, done) {
			for (const line of String(chunk).split('\n')) if (line !== '') lines.push(JSON.parse(line));
			done();
		},
	});
	const service = await openService(config, createLogs({ level: config.log.level, to }), {
		clock,
		source: { file, loaded, load },
		openHashThreads: (most, onDone) => hashThreads(mostThreads(config, most), onDone),
	});
	return {
		url: service.urls[0] ?? '',
		isShared: areShared && !('store' in settings),
		service,
		config,
		folder,
		lines,
		audit: () => lines.filter(({ audit }) => audit === true),
		async add(name, password, { permissions = [], mustChange = false } = {}) {
			const outcome = await service.core.identities.add(
				{
					name: name as IdentityName,
					...(password !== undefined && { password: password as Password }),
					permissions: permissions as Permission[],
					passwordChangeNeeded: mustChange,
					policy: false,
				},
				{ actor: 'operator' },
			);
			if (!outcome.ok) throw new Error(`${name}: ${outcome.refusal.kind}`);
			return outcome.value;
		},
		async close() {
			await service.close({ graceMs: 0 });
			await rm(folder, { recursive: true });
		},
	};
}
