import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import test from 'ava';
import { openCore } from '../../src/app/service.ts';
import { readConfig } from '../../src/config/read.ts';
import type { IdentityName } from '../../src/core/identity.ts';
import type { Password } from '../../src/core/password.ts';
import { createLogs } from '../../src/observability/log.ts';
import { type ChildServer, cheapHashes, serve } from '../_support/command-line.ts';
import { freePort } from '../_support/server.ts';
import { noSharedStores, type SharedStores, startSharedStores } from '../_support/shared-stores.ts';
import { newHistory, Person, pick } from './history.ts';

/* Two nodes over Redis and PostgreSQL, under load, while one after the other breaks: no promise is broken. */

const wanted = process.env.LONG === 'short' ? 5000 : 50_000;
const people = 40;
const password = 'four brown bears';
const silent = createLogs({ level: 'silent' });

if (noSharedStores === undefined) {
	test(`of ${wanted} acknowledged operations while nodes, Redis and PostgreSQL break, none is undone`, async (t) => {
		const stores = await startSharedStores(['--appendonly', 'yes', '--appendfsync', 'always']);
		t.teardown(() => stores.stop());
		const { nodes, restart, close } = await startChildren(stores);
		t.teardown(close);

		const history = newHistory();
		const urls = nodes.map(({ url }) => url);
		const all = Array.from({ length: people }, (_, number) => new Person(`person-${number}`, password, urls, history));
		const done = () => Object.values(history.counts).reduce((sum, count) => sum + count, 0);
		let stopped = false;
		const acting = all.map(async (person) => {
			while (!stopped) {
				await person.act();
				await sleep(5);
			}
		});

		const { redis, postgres } = stores;
		const pause = async (server: { signal(signal: 'SIGSTOP' | 'SIGCONT'): void }) => {
			server.signal('SIGSTOP');
			await sleep(1500);
			server.signal('SIGCONT');
		};
		const faults: Record<string, () => Promise<void>> = {
			'a node killed': () => restart(pick([0, 1])),
			'Redis stopped': () => pause(redis),
			'PostgreSQL stopped': () => pause(postgres),
			'Redis killed': async () => {
				await redis.kill();
				await sleep(500);
				await redis.restart();
			},
			'PostgreSQL killed': async () => {
				await postgres.kill();
				await sleep(500);
				await postgres.restart();
			},
			'Redis put back to an old snapshot': async () => {
				history.goesBackTo = performance.now();
				await redis.snapshot();
				await sleep(1000);
				await redis.restoreSnapshot();
				await redis.command('CONFIG', 'SET', 'appendonly', 'no');
				await redis.command('DEBUG', 'RELOAD', 'NOSAVE');
				await redis.command('CONFIG', 'SET', 'appendonly', 'yes');
				while (/aof_rewrite_(in_progress|scheduled):1/.test(String(await redis.command('INFO', 'persistence'))))
					await sleep(50);
				for (const person of all) person.redisWentBack();
				delete history.goesBackTo;
			},
		};
		const happened: Record<string, number> = {};
		t.teardown(() => {
			stopped = true;
		});
		while (done() < wanted) {
			for (const [name, happen] of Object.entries(faults)) {
				await sleep(1500);
				await inTime(name, happen());
				happened[name] = (happened[name] ?? 0) + 1;
			}
		}
		await sleep(1500);
		stopped = true;
		await Promise.all(acting);
		t.log(`acknowledged: ${done()} (${list(history.counts)}); 503: ${history.unavailable}; broken: ${history.broken}`);
		t.log(`meanwhile: ${list(happened)}`);
		t.log(`violations: ${history.violations.length}`);
		t.deepEqual(history.violations.slice(0, 30), []);
	});
} else {
	test.skip(`no acknowledged operation is undone: ${noSharedStores}`, () => undefined);
}

/** A fault that does not come to its end is one of this spec's own. */
async function inTime(name: string, happening: Promise<void>): Promise<void> {
	const late = sleep(90_000, 'late', { ref: false });
	if ((await Promise.race([happening, late])) === 'late') throw new Error(`${name}: not done after 90 seconds`);
}

function list(counts: Record<string, number>): string {
	return Object.entries(counts)
		.map(([name, count]) => `${name} ${count}`)
		.join(', ');
}

async function startChildren(stores: SharedStores) {
	const store = await stores.newSettings();
	const folders: string[] = [];
	const ports = [await freePort(), await freePort()];
	for (const port of ports) {
		const folder = await mkdtemp(join(tmpdir(), 'latchkey-node-'));
		const settings = { http: { port }, store, passwordHash: cheapHashes, attempts: { limit: 1_000_000 } };
		await writeFile(join(folder, 'latchkey.yaml'), JSON.stringify(settings));
		folders.push(folder);
	}
	const core = await openCore(readConfig({ settings: { store, passwordHash: cheapHashes }, env: {} }), silent);
	for (let number = 0; number < people; number += 1) {
		await core.identities.add(
			{
				name: `person-${number}` as IdentityName,
				password: password as Password,
				permissions: [],
				passwordChangeNeeded: false,
				policy: false,
			},
			{},
		);
	}
	await core.close();
	const nodes = await Promise.all(folders.map((folder) => serve(folder)));
	return {
		nodes: [...nodes] as readonly ChildServer[],
		async restart(at: number) {
			nodes[at]?.signal('SIGKILL');
			await nodes[at]?.ended;
			nodes[at] = await serve(folders[at] ?? '');
		},
		async close() {
			await Promise.all(nodes.map((node) => node.stop()));
			for (const folder of folders) await rm(folder, { recursive: true });
		},
	};
}
