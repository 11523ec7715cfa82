import test from 'ava';
import type { Issued } from '../../_support/certificates.ts';
import { createClient } from '../../_support/client.ts';
import { startSecureService } from '../../_support/secure-service.ts';

/*
 * A login ends the session that the request carried, whichever channel and credential opened it; a login that was not
 * tried ends nothing.
 */

const base = '/services/session/v1';
const password = 'seven quiet otters';
const service = await startSecureService({ trustedProxies: ['127.0.0.1'] });
await service.add('ann', password);
await service.add('device');
const [device, nobody] = await Promise.all([service.certificateOf('device'), service.certificateOf('nobody')]);
test.after.always(() => service.close());

type Cookie = { readonly Cookie: string };
const cookieOf = (setCookie: readonly string[]): Cookie => ({ Cookie: setCookie[0]?.split(';')[0] ?? '' });

const inClear = async (word: string, carried?: Cookie) =>
	createClient(service).post(`${base}/login/password`, { username: 'ann', password: word }, { ...carried });
const secure = (path: string, how: { as?: Issued; carried?: Cookie; body?: unknown }) =>
	service.ask('POST', `${base}/login/${path}`, {
		// Of a trusted proxy's connection the certificate says nothing.
		...(path === 'certificate' && { from: '127.0.0.2' }),
		...(how.as && { as: how.as }),
		...(how.carried && { headers: { ...how.carried } }),
		...(how.body !== undefined && { body: how.body }),
	});

const opens = {
	'a password over http': async () => cookieOf((await inClear(password)).setCookie),
	'a password over https': async () =>
		cookieOf((await secure('password', { body: { username: 'ann', password } })).setCookie),
	'a certificate': async () => cookieOf((await secure('certificate', { as: device })).setCookie),
};

const logins: Record<string, (carried: Cookie) => Promise<{ status: number }>> = {
	'a right password over http': (carried) => inClear(password, carried),
	'a wrong password over http': (carried) => inClear('wrong', carried),
	'a right password over https': (carried) => secure('password', { carried, body: { username: 'ann', password } }),
	'a wrong password over https': (carried) =>
		secure('password', { carried, body: { username: 'ann', password: 'wrong' } }),
	'a certificate': (carried) => secure('certificate', { carried, as: device }),
	'no certificate': (carried) => secure('certificate', { carried }),
	'a certificate of nobody': (carried) => secure('certificate', { carried, as: nobody }),
};

async function isAlive(opened: string, headers: Cookie): Promise<boolean> {
	const { status } =
		opened === 'a password over http'
			? await createClient(service).get(`${base}/xsrfToken`, { ...headers })
			: await service.ask('GET', `${base}/xsrfToken`, { headers: { ...headers } });
	return status === 200;
}

for (const [opened, open] of Object.entries(opens)) {
	for (const [tried, login] of Object.entries(logins)) {
		test.serial(`a session opened by ${opened} is ended by a login with ${tried} that carries it`, async (t) => {
			const carried = await open();
			t.true(await isAlive(opened, carried));
			const { status } = await login(carried);
			t.is(status, /wrong|no/.test(tried) ? 401 : tried === 'a certificate' ? 204 : 200);
			t.false(await isAlive(opened, carried));
		});
	}

	test.serial(`a login that is answered 429 ends no session opened by ${opened}`, async (t) => {
		const carried = await open();
		const headers = { 'X-Forwarded-For': '198.51.100.7' };
		const body = { username: `guessed by ${opened}`, password: 'wrong' };
		const browser = createClient(service);
		const guess = () => browser.post(`${base}/login/password`, body, headers);
		for (let wrong = 0; wrong < 10; wrong += 1) await guess();
		const answer = await browser.post(`${base}/login/password`, body, { ...headers, ...carried });
		t.is(answer.status, 429);
		const secured = await service.ask('POST', `${base}/login/password`, { headers: { ...headers, ...carried }, body });
		t.is(secured.status, 429);
		t.true(await isAlive(opened, carried));
	});
}
