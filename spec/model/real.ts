import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { Agent } from 'node:http';
import { join } from 'node:path';
import type { ApiTokens } from '../../src/core/api-tokens.ts';
import type { Identities } from '../../src/core/identities.ts';
import type { Identity, IdentityName, Permission } from '../../src/core/identity.ts';
import type { Password } from '../../src/core/password.ts';
import type { Sessions } from '../../src/core/sessions.ts';
import { newCa, serverAuth } from '../_support/certificates.ts';
import { dataDir } from '../_support/folder.ts';
import { createHandClock } from '../_support/hand-clock.ts';
import { startService } from '../_support/service.ts';
import { startUpstream } from '../_support/upstream.ts';
import { type Answer, ask } from '../requirements/ask.ts';
import type { MachineLimits } from './machine.ts';

/** The service that the machine is compared with: the real one, over HTTP, by a clock wound by hand. */
export interface Real {
	readonly sessions: Sessions;
	readonly identities: Identities;
	readonly apiTokens: ApiTokens;
	ask(method: string, path: string, headers?: Record<string, string>, body?: object | string): Promise<Answer>;
	/** The header that a trusted proxy writes for who showed the certificate of that name. */
	certificateOf(name: string): string;
	wind(ms: number): void;
	add(name: string, password: string | undefined, mustChange: boolean): Promise<void>;
	/** An operator does something to an identity. */
	operate(name: string, act: (identities: Identities, identity: Identity) => Promise<unknown>): Promise<void>;
	close(): Promise<void>;
}

export const names = ['ann', 'bob'] as const;
/** Where people sign in, and what a session is handed over to. */
export const portal = 'login.example.org';
export const applications = ['app.example.org', 'wiki.example.net'] as const;

export async function openReal(limits: MachineLimits, sessions: 'memory:' | 'sqlite:data/latchkey.db'): Promise<Real> {
	const clock = createHandClock(Date.now());
	const upstream = await startUpstream();
	const folder = await mkdtemp(join(dataDir, 'latchkey-model-'));
	const untilDays = 20_000;
	const ca = await newCa('Client CA', { untilDays });
	const server = await ca.issue({ purposes: [serverAuth], hosts: ['127.0.0.1'], untilDays });
	const file = async (name: string, text: string) => {
		await writeFile(join(folder, name), text, { mode: 0o600 });
		return join(folder, name);
	};
	const certificates = new Map<string, string>();
	for (const name of names) {
		const { der } = await ca.issue({ subject: [{ CN: [name] }], untilDays });
		certificates.set(name, `:${der.toString('base64')}:`);
	}
	const service = await startService(
		{
			https: {
				port: 0,
				cert: await file('server.pem', server.cert),
				key: await file('server-key.pem', server.key),
				clientCa: await file('ca.pem', ca.cert),
			},
			trustedProxies: ['127.0.0.1'],
			store: { sessions },
			session: {
				inactivityInterval: limits.inactivity / 1000,
				absoluteLifetime: limits.lifetime / 1000,
				mostPerIdentity: limits.most,
			},
			attempts: { limit: 1_000_000 },
			passwordHash: { memory: 8, iterations: 1, parallelism: 1 },
			portal: { url: `https://${portal}` },
			resources: [
				{ hosts: [...applications], path: '/treasure', permission: 'treasure', xsrf: 'unsafe', upstream: upstream.url },
				{ path: '/treasure', permission: 'treasure', upstream: upstream.url },
			],
			dialects: { kismet: { enabled: true }, insights: { enabled: true } },
			log: { level: 'warn' },
		},
		clock,
	);
	const agent = new Agent({ keepAlive: true, maxSockets: 2 });
	const { core } = service.service;
	const told = { actor: 'operator' } as const;

	return {
		sessions: core.sessions,
		identities: core.identities,
		apiTokens: core.apiTokens,
		ask: (method, path, headers = {}, body) =>
			ask(service.url, method, path, {
				agent,
				headers: { ...(path.startsWith('/services/session/') && { 'X-Forwarded-Host': portal }), ...headers },
				...(body !== undefined && { body }),
			}),
		certificateOf: (name) => certificates.get(name) ?? '',
		wind: (ms) => clock.wind(ms),
		async add(name, password, mustChange) {
			const added = await core.identities.add(
				{
					name: name as IdentityName,
					...(password !== undefined && { password: password as Password }),
					permissions: ['treasure' as Permission],
					passwordChangeNeeded: mustChange,
					policy: false,
				},
				told,
			);
			if (!added.ok) throw new Error(added.refusal.kind);
			// Thousands of sequences are told of; none of it is looked at.
			service.lines.length = 0;
		},
		async operate(name, act) {
			const identity = await core.identities.findByName(name as IdentityName);
			if (identity === undefined) throw new Error(`${name} should be there`);
			const outcome = (await act(core.identities, identity)) as { ok?: boolean } | undefined;
			if (outcome?.ok === false) throw new Error(JSON.stringify(outcome));
		},
		async close() {
			agent.destroy();
			await service.close();
			upstream.close();
			await rm(folder, { recursive: true });
		},
	};
}
