import test from 'ava';
import { createClient } from '../_support/client.ts';
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

test('A18: passwordPolicy.minLengthAlone counts where the password is the only factor, and clients are told so', async (t) => {
	const service = await startService({ passwordPolicy: { minLengthAlone: 15 } });
	t.teardown(() => service.close());
	await service.add('root', password, { permissions: ['kura.admin'] });
	await service.add('ada', 'fourteen chars');
	const ada = createClient(service);
	t.is((await ada.login('ada', 'fourteen chars')).status, 200, 'what is there stays good');
	t.like((await ada.get(`${base}/passwordPolicy`)).body as object, { minLength: 12, minLengthAlone: 15 });
	const refused = await ada.changePassword('fourteen chars', 'also fourteen.');
	t.like(refused.body as object, {
		code: 'weak-password',
		message: 'The new password must have at least 15 characters',
	});
	t.is((await ada.changePassword('fourteen chars', 'fifteen of them')).status, 204);
});
