import { setTimeout as sleep } from 'node:timers/promises';
import { request, type Visitor } from './ask.ts';
import { type Contestant, type ContestantHow, type Contesting, lateMs } from './peers.ts';

/*
 * Whether a contestant does its job: nobody is measured doing less. And whether a session that was logged out stays
 * ended, where a request of it is still under way.
 */

/** Short, and long enough that a busy machine does not make it expire by itself. */
const idleSeconds = 3;

/** What it does not do, in words; empty where it does everything. */
export async function jobOf(contestant: Contestant, how: ContestantHow): Promise<readonly string[]> {
	if (contestant.open) return ['no session'];
	const server = await contestant.start({ ...how, idleSeconds });
	try {
		const ask = async (visitor: Visitor) => (await request(server.url, server.checkPath, visitor)).status;
		const flaws: string[] = [];
		const demand = async (what: string, visitor: Visitor, status: number) => {
			const answered = await ask(visitor);
			if (answered !== status) flaws.push(`${what}: ${answered}`);
		};
		const ada = await server.signIn();
		const { Cookie: _cookie, ...noCookie } = ada.headers;
		const { 'X-XSRF-Token': _token, ...noToken } = ada.headers;
		await demand('without a cookie', { headers: noCookie }, 401);
		await demand('without the XSRF token', { headers: noToken }, 401);
		await demand('logged in', ada, 200);
		for (let time = 0; time < 3; time += 1) {
			await sleep(idleSeconds * 500);
			await demand('in use all the time', ada, 200);
		}
		const grace = await server.signIn();
		await server.signOut(grace);
		await demand('logged out', grace, 401);
		await sleep(idleSeconds * 1000 + 1100);
		await demand('silent for too long', ada, 401);
		return flaws;
	} finally {
		await server.stop();
	}
}

export interface Revived {
	readonly reading: number;
	readonly writing: number;
	readonly of: number;
}

/** Of so many sessions that were logged out while a request of theirs was under way, how many live on. */
export async function revivedBy(server: Contesting, of: number): Promise<Revived> {
	const revived = async (writing: boolean) => {
		const visitors: Visitor[] = [];
		for (let at = 0; at < of; at += 1) visitors.push(await server.signIn());
		const slow = visitors.map((visitor) => server.slow(visitor, writing));
		await sleep(lateMs / 3);
		await Promise.all(visitors.map((visitor) => server.signOut(visitor)));
		const answered = await Promise.all(slow);
		if (answered.some((status) => status !== 200)) {
			throw new Error(`${server.url}: a slow request was answered with ${answered}`);
		}
		// Activity that is held back may be written up to a second later.
		await sleep(1200);
		const after = await Promise.all(visitors.map((visitor) => request(server.url, server.checkPath, visitor)));
		return after.filter(({ status }) => status === 200).length;
	};
	return { reading: await revived(false), writing: await revived(true), of };
}
