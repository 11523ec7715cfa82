import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { ExecutionContext } from 'ava';
import type { AttemptStore, IdentityStore, SessionStore } from '../../src/core/stores.ts';
import { createSqliteAttempts } from '../../src/store/sqlite/attempts.ts';
import { createSqliteIdentities } from '../../src/store/sqlite/identities.ts';
import { openSqlite } from '../../src/store/sqlite/open.ts';
import { createSqliteSessions } from '../../src/store/sqlite/sessions.ts';

/*
 * The stores on one file in a process of their own: this file is both what runs there and what speaks to it.
 */

/** Where a database may be made, in a folder that is not there yet and goes with the test. */
export async function newPath(t: ExecutionContext): Promise<string> {
	const folder = await mkdtemp(join(tmpdir(), 'latchkey-'));
	t.teardown(() => rm(folder, { recursive: true }));
	return join(folder, 'data', 'latchkey.db');
}

export interface Stores {
	readonly sessions: SessionStore;
	readonly identities: IdentityStore;
	readonly attempts: AttemptStore;
}

export function openStores(path: string): Stores {
	const file = openSqlite(path);
	return {
		sessions: createSqliteSessions(file),
		identities: createSqliteIdentities(file),
		attempts: createSqliteAttempts(file),
	};
}

interface Call {
	readonly id: number;
	readonly store: keyof Stores;
	readonly method: string;
	readonly values: readonly unknown[];
}

interface Answer {
	readonly id: number;
	readonly value?: unknown;
	readonly fault?: string;
}

type AnyStore = Record<string, (...values: readonly unknown[]) => Promise<unknown>>;

/** Opens the file at `path` in another process, which ends with the test. */
export async function openElsewhere(t: ExecutionContext, path: string): Promise<Stores & { readonly pid: number }> {
	const child = fork(fileURLToPath(import.meta.url), [path], { serialization: 'advanced' });
	const ended = once(child, 'exit');
	t.teardown(async () => {
		child.kill('SIGKILL');
		await ended;
	});
	const waiting = new Map<number, PromiseWithResolvers<unknown>>();
	let calls = 0;
	child.on('message', ({ id, value, fault }: Answer) => {
		if (fault === undefined) waiting.get(id)?.resolve(value);
		else waiting.get(id)?.reject(new Error(fault));
		waiting.delete(id);
	});
	child.on('exit', () => {
		for (const { reject } of waiting.values()) reject(new Error('the other process has ended'));
	});
	function speakTo(store: keyof Stores) {
		const method =
			(name: string) =>
			(...values: unknown[]) => {
				calls += 1;
				const answer = Promise.withResolvers<unknown>();
				waiting.set(calls, answer);
				child.send({ id: calls, store, method: name, values } satisfies Call);
				return answer.promise;
			};
		return new Proxy({} as AnyStore, {
			get: (_, name) => (typeof name === 'string' && name !== 'then' ? method(name) : undefined),
		});
	}
	const stores = {
		sessions: speakTo('sessions') as unknown as SessionStore,
		identities: speakTo('identities') as unknown as IdentityStore,
		attempts: speakTo('attempts') as unknown as AttemptStore,
		pid: child.pid!,
	};
	await stores.sessions.count();
	return stores;
}

function serve(path: string) {
	const stores = openStores(path) as unknown as Record<keyof Stores, AnyStore>;
	process.on('message', async ({ id, store, method, values }: Call) => {
		try {
			process.send?.({ id, value: await stores[store][method]?.(...values) });
		} catch (fault) {
			process.send?.({ id, fault: String(fault) });
		}
	});
}

if (process.argv[1] === fileURLToPath(import.meta.url) && process.argv[2] !== undefined) serve(process.argv[2]);
