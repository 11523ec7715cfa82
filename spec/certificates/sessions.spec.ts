import test from 'ava';
import { newCa } from '../_support/certificates.ts';
import { type SecureService, startSecureService } from '../_support/secure-service.ts';

/*
 * A certificate that is taken back takes the sessions with it that it opened. The clock of the look is told of in
 * `certificate-revocation.spec.ts`; here the signal says that the files have changed.
 */

const base = '/services/session/v1';
const service = await startSecureService({}, { lists: true });
const { clientCa } = service;
for (const name of ['lost', 'kept']) await service.add(name, 'nine calm herons');
const [lost, kept] = await Promise.all(['lost', 'kept'].map((name) => service.certificateOf(name)));
if (!lost || !kept) throw new Error('no certificates');
test.after.always(() => service.close());
test.afterEach.always(async () => {
	await service.put('client-ca.pem', clientCa.cert);
	await service.put('revoked.pem', await clientCa.list());
	service.service.reload();
});

async function come(by: typeof lost, where: SecureService = service): Promise<string> {
	const { status, setCookie } = await where.ask('POST', `${base}/login/certificate`, { ...(by && { as: by }) });
	if (status !== 204) throw new Error(String(status));
	return setCookie[0]?.split(';')[0] ?? '';
}

const comeByPassword = async () => {
	const body = { username: 'lost', password: 'nine calm herons' };
	return (await service.ask('POST', `${base}/login/password`, { body })).setCookie[0]?.split(';')[0] ?? '';
};

async function lives(cookie: string, where: SecureService = service): Promise<boolean> {
	return (await where.ask('GET', `${base}/xsrfToken`, { headers: { Cookie: cookie } })).status === 200;
}

/** When so many sessions have ended for their certificate since. */
async function whenEnded(many: number, since: number, where: SecureService = service) {
	const ended = () =>
		where.audit().filter(({ act, reason }) => act === 'session-end' && reason === 'bad-certificate').length - since;
	while (ended() < many) await new Promise((turn) => setTimeout(turn, 5));
	return ended();
}

const endedSoFar = () =>
	service.audit().filter(({ act, reason }) => act === 'session-end' && reason === 'bad-certificate').length;

test.serial('a list that names a certificate ends the sessions it opened, and no others', async (t) => {
	const since = endedSoFar();
	const sessions = [await come(lost), await come(lost)];
	const others = [await come(kept), await comeByPassword()];
	await service.put('revoked.pem', await clientCa.list({ revoked: [lost] }));
	service.service.reload();
	t.is(await whenEnded(2, since), 2);
	for (const cookie of sessions) t.false(await lives(cookie));
	for (const cookie of others) t.true(await lives(cookie));
	t.like(
		service
			.audit()
			.filter(({ reason }) => reason === 'bad-certificate')
			.at(-1),
		{
			act: 'session-end',
			outcome: 'ok',
			identity: 'lost',
			dialect: 'kura',
		},
	);
});

test.serial(
	'a CA that is taken out, also for one of the same name, ends the sessions of its certificates',
	async (t) => {
		for (const name of ['Another CA', 'Client CA']) {
			const since = endedSoFar();
			const cookie = await come(kept);
			const other = await newCa(name);
			await service.put('client-ca.pem', other.cert);
			await service.put('revoked.pem', await other.list());
			service.service.reload();
			await whenEnded(1, since);
			t.false(await lives(cookie), name);
			await service.put('client-ca.pem', clientCa.cert);
			await service.put('revoked.pem', await clientCa.list());
			service.service.reload();
			t.true(await lives(await come(kept)));
		}
	},
);

test.serial('a list that cannot be read, or is outdated, lets nobody in and throws nobody out', async (t) => {
	const since = endedSoFar();
	const [cookie, out] = [await come(kept), await come(lost)];
	for (const broken of ['half a fi', await clientCa.list({ fromDays: -9, untilDays: -1 })]) {
		await service.put('revoked.pem', broken);
		service.service.reload();
		await t.throwsAsync(come(kept), { message: '401' });
		t.true(await lives(cookie));
	}
	await service.put('revoked.pem', await clientCa.list({ revoked: [lost] }));
	service.service.reload();
	t.is(await whenEnded(1, since), 1, 'what was put off is not forgotten');
	t.false(await lives(out));
	t.true(await lives(cookie));
});

test.serial('what was revoked while no service ran is over when one starts, on each node', async (t) => {
	const store = { identities: `sqlite:${service.folder}/shared.db`, sessions: `sqlite:${service.folder}/shared.db` };
	const first = await startSecureService({ store }, { lists: true, clientCa });
	await first.add('lost');
	const cookie = await come(lost, first);
	t.true(await lives(cookie, first));
	// Another node, whose list is newer.
	const second = await startSecureService({ store }, { lists: await clientCa.list({ revoked: [lost] }), clientCa });
	t.is(await whenEnded(1, 0, second), 1);
	t.false(await lives(cookie, first), 'the first node hears of the end at once');
	t.false(await lives(cookie, second));
	await Promise.all([first.close(), second.close()]);
});
