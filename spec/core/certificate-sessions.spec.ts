import test from 'ava';
import type { ClientCertificate } from '../../src/core/session.ts';
import type { NewSession } from '../../src/core/sessions.ts';
import { createCore, requestFrom, shown, signIn, type TestCore } from '../_support/core.ts';

const password = 'four brown bears';

async function come(core: TestCore, name: string): Promise<NewSession> {
	const outcome = await core.sessions.loginByCertificate(shown(name), requestFrom());
	if (!outcome.ok) throw new Error(outcome.refusal.kind);
	return outcome.value;
}

const isOf = (...names: string[]) => {
	const certificates: ReadonlySet<ClientCertificate> = new Set(names.map((name) => shown(name).certificate));
	return (certificate: ClientCertificate) => certificates.has(certificate);
};

async function alive(core: TestCore, ...opened: NewSession[]): Promise<boolean[]> {
	return Promise.all(opened.map(async ({ session }) => (await core.kept.sessions.find(session.key)) !== undefined));
}

test('a certificate that is refused now ends the sessions it opened, and no others', async (t) => {
	const core = await createCore();
	for (const name of ['lost', 'kept']) await core.add(name);
	await core.add('ada', password);
	const lost = [await come(core, 'lost'), await come(core, 'lost')];
	const others = [await come(core, 'kept'), await signIn(core, password)];
	core.events.length = 0;
	t.is(await core.sessions.endRefused(isOf('lost', 'ada')), 2);
	t.deepEqual(await alive(core, ...lost), [false, false]);
	t.deepEqual(await alive(core, ...others), [true, true]);
	t.deepEqual(
		core.events,
		lost.map(({ session: { key, dialect } }) => ({
			act: 'session-end',
			outcome: 'ok',
			dialect,
			session: key,
			identity: 'lost',
			reason: 'bad-certificate',
		})),
	);
	t.is(await core.sessions.endRefused(isOf('lost')), 0);
	await core.close();
});

test('of hundreds of sessions none is forgotten, and each certificate is judged once', async (t) => {
	const core = await createCore({ mostPerIdentity: 1000 });
	const names = Array.from({ length: 30 }, (_, n) => `device ${n}`);
	const opened: NewSession[] = [];
	for (const name of names) {
		await core.add(name);
		for (let login = 0; login < 10; login += 1) opened.push(await come(core, name));
	}
	const judged: ClientCertificate[] = [];
	const isOut = isOf(...names.slice(0, 29));
	let pauses = 0;
	const ended = await core.sessions.endRefused(
		(certificate) => {
			judged.push(certificate);
			return isOut(certificate);
		},
		async () => {
			pauses += 1;
		},
	);
	t.is(ended, 290);
	t.is(judged.length, 30);
	t.true(pauses >= 10);
	t.deepEqual(await alive(core, ...opened), [...Array(290).fill(false), ...Array(10).fill(true)]);
	await core.close();
});

test('a session whose certificate nobody kept cannot be judged, and ends', async (t) => {
	const core = await createCore();
	await core.add('device');
	const { session } = await come(core, 'device');
	await core.kept.sessions.delete(session.key);
	await core.kept.sessions.insert(session, 100);
	t.is(await core.sessions.endRefused(() => false), 1);
	await core.close();
});

test('a certificate that is revoked while its login is under way opens nothing', async (t) => {
	const out = new Set<string>();
	const core = await createCore({
		around: ({ sessions, identities }) => ({
			identities,
			sessions: {
				...sessions,
				async insert(...what) {
					// What ends sessions has looked before this one came.
					out.add('device');
					await core.sessions.endRefused(isOf('device'));
					return sessions.insert(...what);
				},
			},
		}),
	});
	await core.add('device');
	const outcome = await core.sessions.loginByCertificate(shown('device', out), requestFrom());
	t.deepEqual(outcome, { ok: false, refusal: { kind: 'bad-certificate' } });
	t.deepEqual(await core.kept.sessions.list(undefined, 10), []);
	t.like(core.events.at(-1), { act: 'login', outcome: 'refused', reason: 'bad-certificate', identity: 'device' });
	await core.close();
});
