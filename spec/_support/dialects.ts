import type { Clock } from '../../src/core/clock.ts';
import { type Answer, type Client, createClient } from './client.ts';
import { type Settings, startService, type TestService } from './service.ts';
import { startUpstream, type Upstream } from './upstream.ts';

export const password = 'four brown bears';
export const nextPassword = 'seven green frogs';
export const setPassword = '/session/set_password';
export const checkSetup = '/session/check_setup_ok';
export const checkSession = '/session/check_session';
export const checkLogin = '/session/check_login';
export const login = '/beta-latest/api/!login';
export const logout = '/beta-latest/api/!logout';
/** What every request to it is answered with "the treasure" by the upstream. */
export const treasure = '/treasure/map';

export interface DialectService extends TestService {
	readonly upstream: Upstream;
	caller(): Client;
	/** Somebody who signed in by Basic at `check_session`, with the cookie in the jar. */
	kismetUser(name: string, password: string): Promise<Client>;
	/** Somebody who signed in by `!login`, with the cookie in the jar, and what the login answered. */
	insightsUser(uid: string, pw: string, kill?: string): Promise<Client & { readonly answer: InsightsAnswer }>;
}

export interface InsightsAnswer {
	readonly uid: string;
	readonly sid: string;
	readonly epw: string;
}

/** The service with both dialects on, and something worth protecting behind it. */
export async function startDialects(
	{ dialects, resources, ...settings }: Settings = {},
	clock?: Clock,
): Promise<DialectService> {
	const upstream = await startUpstream((req, res) => {
		res.setHeader('Set-Cookie', 'theirs=1; Path=/').setHeader('Cache-Control', 'public, max-age=60');
		req.resume().on('end', () => res.end('the treasure'));
	});
	const service = await startService(
		{
			resources: [
				{ path: '/treasure', permission: 'rest.treasure', upstream: upstream.url },
				...((resources as []) ?? []),
			],
			dialects: { kismet: { enabled: true }, insights: { enabled: true }, ...(dialects as object) },
			...settings,
		},
		clock,
	).catch(async (fault) => {
		await upstream.close();
		throw fault;
	});

	function signedIn(caller: Client, { status, body }: Answer): Client {
		if (status !== 200) throw new Error(`${status} ${JSON.stringify(body)}`);
		return caller;
	}

	return {
		...service,
		upstream,
		caller: () => createClient(service),
		async kismetUser(name, given) {
			const caller = createClient(service);
			return signedIn(caller, await caller.send(checkSession, { basic: [name, given] }));
		},
		async insightsUser(uid, pw, kill) {
			const caller = createClient(service);
			const reply = await caller.send(login, {
				method: 'POST',
				form: { uid, pw, ...(kill !== undefined && { kill }) },
			});
			return { ...signedIn(caller, reply), answer: reply.body as InsightsAnswer };
		},
		async close() {
			await service.close();
			upstream.close();
		},
	};
}

/** The same, after the first run: the login is `kismet` with `password`. */
export async function startSetUp(settings?: Settings, clock?: Clock): Promise<DialectService> {
	const service = await startDialects(settings, clock);
	const { status } = await service.caller().send(setPassword, { method: 'POST', form: { password } });
	if (status === 200) return service;
	await service.close();
	throw new Error(`the first run: ${status}`);
}

/** Runs a test on a service of its own. */
export async function withService(
	start: () => Promise<DialectService>,
	work: (service: DialectService) => Promise<void>,
): Promise<void> {
	const service = await start();
	try {
		await work(service);
	} finally {
		await service.close();
	}
}
