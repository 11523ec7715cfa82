import test, { type ExecutionContext } from 'ava';
import type { SessionStore } from '../../src/core/stores.ts';
import { keyOf, newIdentityId, newSessionToken } from '../../src/core/token.ts';
import { createCore, minuteMs, requestFrom, signIn } from '../_support/core.ts';

/*
 * All sessions end that are there, and nobody who logs in meanwhile keeps that from its end.
 */

const password = 'four brown bears';
const told = { actor: 'operator' } as const;

/** `deleting`: what happens just before sessions are ended. */
async function start(t: ExecutionContext, deleting: (kept: SessionStore) => Promise<unknown> = async () => undefined) {
	const core = await createCore({
		around: ({ sessions }) => ({
			sessions: {
				...sessions,
				async deleteMany(many) {
					await deleting(sessions);
					return sessions.deleteMany(many);
				},
			},
		}),
	});
	t.teardown(() => core.close());
	await core.add('ada', password);
	/** As a process does it whose clock is ahead. */
	async function signInAhead() {
		core.clock.wind(10 * minuteMs);
		const opened = await signIn(core, password);
		core.clock.wind(-10 * minuteMs);
		return opened;
	}
	return { core, signInAhead, all: () => core.kept.sessions.list(undefined, 20_000) };
}

test('when all sessions end, those end, too, that a process has opened whose clock is ahead', async (t) => {
	const { core, signInAhead, all } = await start(t);
	await signIn(core, password);
	for (let login = 0; login < 3; login += 1) await signInAhead();
	t.is(await core.sessions.endAll(told), 4);
	t.deepEqual(await all(), []);
	t.is(core.events.filter(({ act }) => act === 'session-end').length, 4);
});

test('the session that asks for the end of all others stays, also where it was opened by a clock that is ahead', async (t) => {
	const { core, signInAhead, all } = await start(t);
	const { session } = await signInAhead();
	for (let login = 0; login < 3; login += 1) await signInAhead();
	t.is(await core.sessions.endAll(told, session.key), 3);
	t.deepEqual(await all(), [session]);
});

test('who logs in while all sessions end stays signed in, and does not keep that from its end', async (t) => {
	let logins = 0;
	const { core, signInAhead, all } = await start(t, async () => {
		logins += 1;
		t.true(logins < 10);
		core.clock.wind(1);
		await signInAhead();
	});
	for (let login = 0; login < 3; login += 1) await signInAhead();
	const before = await all();
	t.is(await core.sessions.endAll(told), 3);
	const after = await all();
	t.is(after.length, 1);
	t.false(before.some(({ key }) => key === after[0]?.key));
});

test('a session that is raised while all end is ended all the same', async (t) => {
	let raises = 0;
	const { core, signInAhead, all } = await start(t, async (kept) => {
		const [session] = await kept.list(undefined, 1);
		raises += 1;
		if (session === undefined || raises > 2) return;
		await kept.replace(session.key, { ...session, key: keyOf(newSessionToken(), requestFrom()) }, 100);
	});
	await signInAhead();
	t.is(await core.sessions.endAll(told), 1);
	t.is(raises, 3);
	t.deepEqual(await all(), []);
});

test('more sessions end than are looked at in one go, by whatever clock they were opened', async (t) => {
	const { core, signInAhead, all } = await start(t);
	const { session } = await signInAhead();
	for (let more = 0; more < 10_001; more += 1) {
		const key = keyOf(newSessionToken(), requestFrom());
		await core.kept.sessions.insert({ ...session, key, identityId: newIdentityId() }, 1);
	}
	t.is(await core.sessions.endAll(told), 10_002);
	t.deepEqual(await all(), []);
});
