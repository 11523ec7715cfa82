import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { ExecutionContext } from 'ava';
import type { InvitationStore } from '../../src/core/invitation.ts';
import type { ApiTokenStore, AttemptStore, IdentityStore, SessionStore } from '../../src/core/stores.ts';
import { createSqliteApiTokens } from '../../src/store/sqlite/api-tokens.ts';
import { createSqliteAttempts } from '../../src/store/sqlite/attempts.ts';
import { createSqliteIdentities } from '../../src/store/sqlite/identities.ts';
import { createSqliteInvitations } from '../../src/store/sqlite/invitations.ts';
import { openSqlite } from '../../src/store/sqlite/open.ts';
import { createSqliteSessions } from '../../src/store/sqlite/sessions.ts';
import { dataDir } from '../_support/folder.ts';

/*
 * The stores on one file in a process of their own: this file is both what runs there and what speaks to it.
 */

/** Where a database may be made, in a folder that is not there yet and goes with the test. */
export async function newPath(t: ExecutionContext): Promise<string> {
	const folder = await mkdtemp(join(dataDir, 'latchkey-'));
	t.teardown(() => rm(folder, { recursive: true }));
	return join(folder, 'data', 'latchkey.db');
}

export interface Stores {
	readonly sessions: SessionStore;
	readonly identities: IdentityStore;
	readonly attempts: AttemptStore;
	readonly apiTokens: ApiTokenStore;
	readonly invitations: InvitationStore;
}

export function openStores(path: string): Stores {
	const file = openSqlite(path);
	return {
		sessions: createSqliteSessions(file),
		identities: createSqliteIdentities(file),
		attempts: createSqliteAttempts(file),
		apiTokens: createSqliteApiTokens(file),
		invitations: createSqliteInvitations(file),
	};
}

interface Call {
	readonly id: number;
	readonly path: string;
	readonly store: keyof Stores;
	readonly part: string;
	readonly method: string;
	readonly values: readonly unknown[];
}

interface Answer {
	readonly id: number;
	readonly value?: unknown;
	readonly fault?: string;
}

type AnyStore = Record<string, (...values: readonly unknown[]) => Promise<unknown>>;

export interface OtherProcess {
	/** The stores on a file, as that process opened them. */
	open(path: string): Promise<Stores>;
	end(): Promise<void>;
}

export function startProcess(): OtherProcess {
	const child = fork(fileURLToPath(import.meta.url), ['serve'], { serialization: 'advanced' });
	const ended = once(child, 'exit');
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

	/** `part`: of that store. */
	function storeThere(path: string, store: keyof Stores, part = ''): AnyStore {
		const call = (method: string, values: readonly unknown[]) => {
			calls += 1;
			const answer = Promise.withResolvers<unknown>();
			waiting.set(calls, answer);
			child.send({ id: calls, path, store, part, method, values } satisfies Call);
			return answer.promise;
		};
		return new Proxy({} as AnyStore, {
			get(_, method) {
				if (['handover', 'ceremonies', 'refreshTokens'].includes(String(method)))
					return storeThere(path, store, String(method));
				return method === 'then' ? undefined : (...values: unknown[]) => call(String(method), values);
			},
		});
	}

	return {
		async open(path) {
			const stores = {
				sessions: storeThere(path, 'sessions') as unknown as SessionStore,
				identities: storeThere(path, 'identities') as unknown as IdentityStore,
				attempts: storeThere(path, 'attempts') as unknown as AttemptStore,
				apiTokens: storeThere(path, 'apiTokens') as unknown as ApiTokenStore,
				invitations: storeThere(path, 'invitations') as unknown as InvitationStore,
			};
			await stores.sessions.count();
			return stores;
		},
		async end() {
			child.kill('SIGKILL');
			await ended;
		},
	};
}

function serve() {
	const opened = new Map<string, Stores>();
	process.on('message', async ({ id, path, store, part, method, values }: Call) => {
		try {
			const stores = opened.get(path) ?? openStores(path);
			opened.set(path, stores);
			const whole = stores[store] as unknown as AnyStore & Record<string, AnyStore>;
			const there: AnyStore = (part === '' ? whole : whole[part]) ?? whole;
			process.send?.({ id, value: await there[method]?.(...values) });
		} catch (fault) {
			process.send?.({ id, fault: String(fault) });
		}
	});
}

if (process.argv[1] === fileURLToPath(import.meta.url) && process.argv[2] === 'serve') serve();
