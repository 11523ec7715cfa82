import { join } from 'node:path';
import test from 'ava';
import { createSqliteNotes } from '../../src/store/sqlite/notes.ts';
import { openSqlite } from '../../src/store/sqlite/open.ts';
import { type Client, createClient } from '../_support/client.ts';
import { createHandClock } from '../_support/hand-clock.ts';
import { startService } from '../_support/service.ts';

const base = '/services/session/v1';
const password = 'four brown bears';
const given = 'seven green frogs';
const hourMs = 3_600_000;

const dialects = { kismet: { enabled: true }, insights: { enabled: true } };

async function withAda(temporaryHours?: number) {
	const clock = createHandClock();
	const passwordPolicy = temporaryHours === undefined ? {} : { temporaryHours };
	const service = await startService({ auth: { basic: true }, dialects, passwordPolicy }, clock);
	await service.add('root', password, { permissions: ['kura.admin'] });
	await service.add('ada');
	const root = createClient(service);
	await root.login('root', password);
	const { status } = await root.send(`${base}/identities/ada/password`, { method: 'PUT', json: { password: given } });
	return { clock, service, root, status };
}

test('A17: a password that an administrator sets is good for 72 hours, unused, by whatever way it is shown', async (t) => {
	const { clock, service, root, status } = await withAda();
	t.teardown(() => service.close());
	t.is(status, 204);
	const end = new Date(clock.now() + 72 * hourMs).toISOString();
	t.like((await root.get(`${base}/identities/ada`)).body as object, {
		passwordExpiresAt: end,
		passwordChangeNeeded: true,
	});
	const Authorization = `Basic ${Buffer.from(`ada:${given}`).toString('base64')}`;
	const late = async () => ({
		kura: await createClient(service).post(`${base}/login/password`, { username: 'ada', password: given }),
		basic: await createClient(service).get(`${base}/currentIdentity`, { Authorization }),
		kismet: await fetch(`${service.url}/session/check_login`, { headers: { Authorization } }),
		insights: await fetch(`${service.url}/v2/api/!login:json?uid=ada&pswd=${encodeURIComponent(given)}`, {
			method: 'POST',
		}),
	});
	clock.wind(72 * hourMs - 1);
	t.is((await late()).kura.status, 200);
	clock.wind(1);
	const { kura, basic, kismet, insights } = await late();
	t.like(kura, {
		status: 401,
		body: { code: 'password-expired', message: 'This password has expired: ask for a new one' },
	});
	t.deepEqual(kura.setCookie, []);
	t.like(basic, { status: 401, body: { code: 'password-expired' } });
	t.is(kismet.status, 401);
	t.false(insights.ok && (await insights.text()).includes('"sid"'));
	const wrong = await createClient(service).post(`${base}/login/password`, { username: 'ada', password });
	t.like(wrong, { status: 401, body: { code: 'bad-credentials' } });
});

test('A17: passwordPolicy.temporaryHours says how long; 0: it has no end, and nothing that was set before has one', async (t) => {
	const { clock, service, root } = await withAda(0);
	t.teardown(() => service.close());
	t.false('passwordExpiresAt' in ((await root.get(`${base}/identities/ada`)).body as object));
	clock.wind(1000 * hourMs);
	t.is((await createClient(service).login('ada', given)).status, 200);
});

test('A17: a new password of one’s own has no end', async (t) => {
	const { clock, service } = await withAda(1);
	t.teardown(() => service.close());
	const ada = createClient(service);
	await ada.login('ada', given);
	t.is((await ada.changePassword(given, 'nine red herons')).status, 204);
	clock.wind(1000 * hourMs);
	t.is((await createClient(service).login('ada', 'nine red herons')).status, 200);
});

const policyAt = (client: Client) => client.get(`${base}/passwordPolicy`).then(({ body }) => body as object);
const asksForFifteen = {
	status: 400,
	body: { code: 'weak-password', message: 'The new password must have at least 15 characters' },
};

test('A18: in a new installation a password that is the only factor has 15 characters, by every way in which it is set', async (t) => {
	const service = await startService({ dialects: { kuraIdentity: { enabled: true } } });
	t.teardown(() => service.close());
	const { identities, invitations } = service.service.core;
	const stranger = createClient(service);
	const token = await identities.setupToken();
	const setUp = (chosen: string) => stranger.post(`${base}/setup`, { username: 'root', password: chosen, token });
	t.like(await setUp('fourteen chars'), asksForFifteen);
	t.is((await setUp(password)).status, 204);

	t.like(await policyAt(stranger), { minLength: 12, minLengthAlone: 15 });
	const kura = '/services/identity';
	t.like((await stranger.get(`${kura}/v1/passwordRequirements`)).body as object, { passwordMinimumLength: 15 });
	t.like((await stranger.get(`${kura}/v2/passwordStrenghtRequirements`)).body as object, { passwordMinimumLength: 15 });

	const ada = await service.add('ada', 'fourteen chars');
	const client = createClient(service);
	t.is((await client.login('ada', 'fourteen chars')).status, 200, 'an operator’s word counts more');
	t.like(await client.changePassword('fourteen chars', 'also fourteen.'), asksForFifteen);
	t.is((await client.changePassword('fourteen chars', 'fifteen of them')).status, 204);

	const invited = (await identities.find(ada.id)) ?? ada;
	const made = await invitations.make(invited, { expiresInMs: 60_000 }, { actor: 'operator' });
	const code = made.ok ? made.value.code : '';
	const told = (await stranger.post(`${base}/invitation`, { code })).body as object;
	t.like(told, { passwordPolicy: { minLength: 12, minLengthAlone: 15 } });
	const accept = (chosen: string) =>
		createClient(service).post(`${base}/invitation/acceptance`, { code, password: chosen });
	t.like(await accept('fourteen again'), asksForFifteen);
	t.is((await accept('fifteen of these')).status, 200);
});

test('A18: an older installation keeps what it had, and what the configuration says of lengths decides', async (t) => {
	const older = await startService();
	const file = openSqlite(join(older.folder, 'data/latchkey.db'));
	await createSqliteNotes(file).put('min-length-alone', undefined);
	await file.close();
	const saying = await startService({ passwordPolicy: { minLength: 13 } });
	t.teardown(() => Promise.all([older.close(), saying.close()]));
	for (const [service, refused, taken] of [
		[older, 'eleven char', 'twelve chars'],
		[saying, 'twelve chars', 'thirteen chrs'],
	] as const) {
		await service.add('ada', password);
		const ada = createClient(service);
		await ada.login('ada', password);
		t.is((await ada.changePassword(password, refused)).status, 400, refused);
		t.is((await ada.changePassword(password, taken)).status, 204, taken);
	}
	t.false('minLengthAlone' in (await policyAt(createClient(older))));
	t.like(await policyAt(createClient(saying)), { minLength: 13, minLengthAlone: 13 });
});
