import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Core, openCore } from '../../src/app/service.ts';
import { readConfig } from '../../src/config/read.ts';
import type { ApiTokenId } from '../../src/core/api-token.ts';
import type { IdentityName, Permission } from '../../src/core/identity.ts';
import type { Password } from '../../src/core/password.ts';
import { StoreUnavailable } from '../../src/core/stores.ts';
import { unwrap } from '../../src/http/response/refusals.ts';
import { createLogs } from '../../src/observability/log.ts';
import { type ChildServer, cheapHashes, serve } from '../_support/command-line.ts';
import { freePort, until } from '../_support/server.ts';
import type { Operator } from './held.ts';

/* Two nodes of a history, in processes of their own, and somebody at the command line. */

export const password = 'four brown bears';
export const people = 40;
const silent = createLogs({ level: 'silent' });

export const nameOf = (number: number) => `person-${number}`;

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

/** Milliseconds for a node to serve, on a machine that is busy with something else. */
const patienceMs = 200_000;

/** Where somebody took its port meanwhile, it waits until that is free; what else keeps it from serving is a fault. */
async function serveAgain(folder: string): Promise<ChildServer> {
	const stopAt = performance.now() + patienceMs;
	for (;;) {
		try {
			return await serve(folder, { withinMs: patienceMs });
		} catch (fault) {
			if (!/address is in use/.test(String(fault)) || performance.now() > stopAt) throw fault;
			await sleep(200);
		}
	}
}

/** `store`: of their configuration. */
export async function startChildren(store: { readonly sessions: string; readonly identities: string }) {
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
		await until(() =>
			core.identities.add(
				{
					name: nameOf(number) as IdentityName,
					password: password as Password,
					permissions: ['treasure' as Permission],
					passwordChangeNeeded: false,
					policy: false,
				},
				{},
			),
		);
	}
	const nodes = await Promise.all(folders.map((folder) => serve(folder, { withinMs: patienceMs })));
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
