import { setTimeout as sleep } from 'node:timers/promises';
import { patiently, request, type Visitor } from './ask.ts';
import { type Contestant, type ContestantHow, type Contesting, lateMs } from './peers.ts';

/*
 * Whether a contestant does its job: nobody is measured doing less. And whether a session that was logged out stays
 * ended, where a request of it is still under way.
 */

/** Until a session expires. The second for a machine so busy that one expired meanwhile by itself. */
const idleSeconds = [3, 30] as const;

/** What it does not do, in words; empty where it does everything. */
export async function jobOf(contestant: Contestant, how: ContestantHow): Promise<readonly string[]> {
	if (contestant.open) return ['no session'];
	const [soon, later] = idleSeconds;
	const judged = await judge(contestant, { ...how, idleSeconds: soon }).catch(() => undefined);
	return judged?.isInTime ? judged.flaws : (await judge(contestant, { ...how, idleSeconds: later })).flaws;
}

async function judge(contestant: Contestant, how: ContestantHow & { readonly idleSeconds: number }) {
	const server = await contestant.start(how);
	try {
		const flaws: string[] = [];
		let isInTime = true;
		const demand = async (what: string, visitor: Visitor, status: number) => {
			const answered = (await patiently(() => request(server.url, server.checkPath, visitor))).status;
			if (answered === status) return;
			flaws.push(`${what}: ${answered}`);
			if (status === 200) isInTime = false;
		};
		const ada = await server.signIn();
		const { Cookie: _cookie, ...noCookie } = ada.headers;
		const { 'X-XSRF-Token': _token, ...noToken } = ada.headers;
		await demand('without a cookie', { headers: noCookie }, 401);
		await demand('without the XSRF token', { headers: noToken }, 401);
		await demand('logged in', ada, 200);
		for (let time = 0; time < 3; time += 1) {
			await sleep(how.idleSeconds * 500);
			await demand('in use all the time', ada, 200);
		}
		const grace = await server.signIn();
		await patiently(() => server.signOut(grace));
		await demand('logged out', grace, 401);
		await sleep(how.idleSeconds * 1000 + 1100);
		await demand('silent for too long', ada, 401);
		return { flaws, isInTime };
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
		let [judged, living] = [0, 0];
		for (let attempt = 0; judged < of; attempt += 1) {
			if (attempt === attempts) throw new Error(`${server.url}: ${judged} of ${of} requests were under way`);
			const underWay = await loggedOutUnderWay(server, of - judged, writing);
			// Activity that is held back may be written up to a second later.
			await sleep(1200);
			const check = (visitor: Visitor) => patiently(() => request(server.url, server.checkPath, visitor));
			const after = await Promise.all(underWay.map(check));
			judged += underWay.length;
			living += after.filter(({ status }) => status === 200).length;
		}
		return living;
	};
	return { reading: await revived(false), writing: await revived(true), of };
}

/** A busy machine lets some requests come too late. */
const attempts = 20;

/**
 * Who was logged out while a request was under way: not one whose request came only behind the logout, and was refused, nor
 * one whose store answered either of the two too late.
 */
async function loggedOutUnderWay(server: Contesting, many: number, writing: boolean): Promise<readonly Visitor[]> {
	const visitors: Visitor[] = [];
	for (let at = 0; at < many; at += 1) visitors.push(await server.signIn());
	const slow = visitors.map((visitor) => server.slow(visitor, writing));
	await sleep(lateMs / 3);
	const signedOut = await Promise.all(visitors.map((visitor) => server.signOut(visitor)));
	const answered = await Promise.all(slow);
	if (!answered.every((status) => [200, 401, 503].includes(status))) {
		throw new Error(`${server.url}: a slow request was answered with ${answered}`);
	}
	return visitors.filter((_, at) => answered[at] === 200 && signedOut[at]?.status !== 503);
}
