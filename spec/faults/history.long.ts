import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import test from 'ava';
import { type Core, openCore } from '../../src/app/service.ts';
import { readConfig } from '../../src/config/read.ts';
import type { ApiTokenId } from '../../src/core/api-token.ts';
import type { IdentityName, Permission } from '../../src/core/identity.ts';
import type { Password } from '../../src/core/password.ts';
import { StoreUnavailable } from '../../src/core/stores.ts';
import { unwrap } from '../../src/http/response/refusals.ts';
import { createLogs } from '../../src/observability/log.ts';
import { type ChildServer, cheapHashes, serve } from '../_support/command-line.ts';
import { freePort } from '../_support/server.ts';
import { noSharedStores, type SharedStores, startSharedStores } from '../_support/shared-stores.ts';
import { newHistory, type Operator, pick } from './held.ts';
import { Person } from './history.ts';

/* Two nodes over Redis and PostgreSQL, under load, while one after the other breaks: no promise is broken. */

const wanted = process.env.LONG === 'short' ? 5000 : 50_000;
const people = 40;
const password = 'four brown bears';
const silent = createLogs({ level: 'silent' });

if (noSharedStores === undefined) {
	test(`of ${wanted} acknowledged operations while nodes, Redis and PostgreSQL break, none is undone`, async (t) => {
		const stores = await startSharedStores(['--appendonly', 'yes', '--appendfsync', 'always']);
		t.teardown(() => stores.stop());
		const { nodes, restart, operator, close } = await startChildren(stores);
		t.teardown(close);

		const history = newHistory();
		const urls = nodes.map(({ url }) => url);
		const all = Array.from(
			{ length: people },
			(_, number) => new Person(nameOf(number), password, urls, history, operator),
		);
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
				history.wentBackAt = performance.now();
				delete history.goesBackTo;
			},
		};
		const happened: Record<string, number> = {};
		async function breakThings() {
			while (done() < wanted) {
				for (const [name, happen] of Object.entries(faults)) {
					await sleep(1500);
					await inTime(name, happen(), stores);
					happened[name] = (happened[name] ?? 0) + 1;
				}
			}
			await sleep(1500);
			stopped = true;
		}
		try {
			await Promise.all([breakThings(), ...acting]);
		} finally {
			stopped = true;
			t.log(
				`acknowledged: ${done()} (${list(history.counts)}); 503: ${history.unavailable}; broken: ${history.broken}`,
			);
			t.log(`meanwhile: ${list(happened)}`);
			t.log(`violations: ${history.violations.length}`, ...history.violations.slice(0, 30));
		}
		t.deepEqual(history.violations.slice(0, 30), []);
	});
} else {
	test.skip(`no acknowledged operation is undone: ${noSharedStores}`, () => undefined);
}

/** A fault that does not come to its end is one of this spec's own. */
async function inTime(name: string, happening: Promise<void>, { redis, postgres }: SharedStores): Promise<void> {
	const late = sleep(90_000, 'late', { ref: false });
	if ((await Promise.race([happening, late])) !== 'late') return;
	throw new Error(`${name}: not done after 90 seconds\n${redis.printed()}\n${postgres.printed()}`);
}

function list(counts: Record<string, number>): string {
	return Object.entries(counts)
		.map(([name, count]) => `${name} ${count}`)
		.join(', ');
}

const nameOf = (number: number) => `person-${number}`;

/** Somebody at the command line, over the same stores, which break for this one, too. */
function createOperator(core: Core): Operator {
	const { identities, apiTokens, invitations } = core;
	const { secondFactors } = core.factorParts;
	const told = { actor: 'operator' } as const;
	async function acknowledged<T>(act: () => Promise<T>): Promise<T | undefined> {
		try {
			return await act();
		} catch (fault) {
			if (fault instanceof StoreUnavailable) return undefined;
			throw fault;
		}
	}
	async function found(name: string) {
		const identity = await identities.findByName(name as IdentityName);
		if (identity === undefined) throw new Error(`${name} is gone`);
		return identity;
	}
	const treasure = 'treasure' as Permission;
	return {
		resetFactors: (name) =>
			acknowledged(async () => {
				unwrap(await secondFactors.reset((await found(name)).id, told));
				return true as const;
			}),
		invite: (name) =>
			acknowledged(async () => {
				const made = await invitations.make(await found(name), { expiresInMs: 3_600_000 }, told);
				return unwrap(made).code;
			}),
		setDisabled: (name, disabled) =>
			acknowledged(async () => {
				unwrap(await identities.setDisabled((await found(name)).id, disabled, told));
				return true as const;
			}),
		setAllowed: (name, allowed) =>
			acknowledged(async () => {
				await identities[allowed ? 'grant' : 'revoke']((await found(name)).id, [treasure], told);
				return true as const;
			}),
		addToken: (name, expiresInMs) =>
			acknowledged(async () => {
				const identity = await found(name);
				const permissions = identity.permissions.has(treasure) ? [treasure] : [];
				const wanted = { name: 'a job', permissions, expiresInMs, endsWithPassword: false };
				const made = await apiTokens.add(identity, wanted, told);
				return made.ok ? { id: made.value.token.id, text: made.value.text } : undefined;
			}),
		endToken: (id) =>
			acknowledged(async () => {
				await apiTokens.end(id as ApiTokenId, undefined, told);
				return true as const;
			}),
	};
}

/** Where somebody took its port meanwhile, it waits until that is free; what else keeps it from serving is a fault. */
async function serveAgain(folder: string): Promise<ChildServer> {
	const stopAt = performance.now() + 50_000;
	for (;;) {
		try {
			return await serve(folder);
		} catch (fault) {
			if (!/address is in use/.test(String(fault)) || performance.now() > stopAt) throw fault;
			await sleep(200);
		}
	}
}

async function startChildren(stores: SharedStores) {
	const store = await stores.newSettings();
	const folders: string[] = [];
	const ports = [await freePort(), await freePort()];
	for (const port of ports) {
		const folder = await mkdtemp(join(tmpdir(), 'latchkey-node-'));
		const settings = {
			...{ http: { port }, store, passwordHash: cheapHashes, attempts: { limit: 1_000_000 } },
			secondFactor: { sealingKey: Buffer.alloc(32, 7).toString('base64') },
		};
		await writeFile(join(folder, 'latchkey.yaml'), JSON.stringify(settings));
		folders.push(folder);
	}
	const core = await openCore(readConfig({ settings: { store, passwordHash: cheapHashes }, env: {} }), silent);
	for (let number = 0; number < people; number += 1) {
		await core.identities.add(
			{
				name: nameOf(number) as IdentityName,
				password: password as Password,
				permissions: ['treasure' as Permission],
				passwordChangeNeeded: false,
				policy: false,
			},
			{},
		);
	}
	const nodes = await Promise.all(folders.map((folder) => serve(folder)));
	return {
		nodes: [...nodes] as readonly ChildServer[],
		operator: createOperator(core),
		async restart(at: number) {
			nodes[at]?.signal('SIGKILL');
			await nodes[at]?.ended;
			nodes[at] = await serveAgain(folders[at] ?? '');
		},
		async close() {
			await Promise.all(nodes.map((node) => node.stop()));
			await core.close();
			for (const folder of folders) await rm(folder, { recursive: true });
		},
	};
}
