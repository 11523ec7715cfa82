import test from 'ava';
import type { IdentityName } from '../../src/core/identity.ts';
import { createApp, setUpApp } from '../_support/authenticator-app.ts';
import { type Answer, createClient } from '../_support/client.ts';
import { startSecureService } from '../_support/secure-service.ts';
import { startService } from '../_support/service.ts';
import { ask, base, login, me, signIn, verify } from './ask.ts';

/* What comes at the same moment, or by another way in, gets no further. Source: OWASP ASVS 5.0 2.3.1, 6.3.4. */

const password = 'four brown bears';
const nextPassword = 'seven green frogs';

for (const afterPasswordChange of ['end', 'renew']) {
	test(`a user who must change the password sees nothing while it is changed (then: ${afterPasswordChange})`, async (t) => {
		const { url, add, close } = await startService({ session: { afterPasswordChange } });
		t.teardown(close);
		for (let round = 0; round < 20; round += 1) {
			const name = `newcomer ${round}`;
			await add(name, password, { mustChange: true, permissions: ['p'] });
			const jar = await signIn(url, name, password);
			const body = { currentPassword: password, newPassword: nextPassword };
			const change = ask(url, 'POST', `${base}/changePassword`, { headers: jar.headers, body });
			const looks = Array.from({ length: 8 }, (_, at) =>
				at % 2 ? me(url, jar) : ask(url, 'GET', `${verify}?permission=p`, { headers: jar.headers }),
			);
			t.is((await change).status, 204);
			for (const { status } of await Promise.all(looks)) t.is(status, 401);
			t.is((await me(url, jar)).status, 401);
		}
	});
}

test('a session that is ended while it changes the password stays ended, and changes nothing', async (t) => {
	const { url, add, service, close } = await startService({ session: { afterPasswordChange: 'renew' } });
	t.teardown(close);
	const { id } = await add('ann', password);
	const { identities, sessions } = service.core;
	const jar = await signIn(url, 'ann', password);
	const { changePassword } = identities;
	identities.changePassword = async (...all) => {
		t.is(await sessions.endOf(id, {}, { actor: 'operator' }), 1);
		return changePassword(...all);
	};
	const body = { currentPassword: password, newPassword: nextPassword };
	const changed = await ask(url, 'POST', `${base}/changePassword`, { headers: jar.headers, body });
	t.is(changed.status, 401);
	t.is(JSON.parse(changed.body).code, 'session-missing');
	t.is(changed.headers['set-cookie'], undefined);
	t.deepEqual(await sessions.list(id, 10), []);
	t.is((await login(url, 'ann', nextPassword)).status, 401);
	t.is((await login(url, 'ann', password)).status, 200);
});

test('a session that is ended while it confirms an app, or removes one, stays ended, and changes nothing', async (t) => {
	const service = await startService();
	t.teardown(service.close);
	const { id } = await service.add('ann', password);
	const { sessions, factorParts } = service.service.core;
	const { secondFactors } = factorParts;
	const { confirmTotp, remove } = secondFactors;
	const isEnded = async () => t.is(await sessions.endOf(id, {}, { actor: 'operator' }), 1);
	const isRefused = ({ status, body, setCookie }: Answer) => {
		t.like({ status, body }, { status: 401, body: { code: 'session-missing' } });
		t.deepEqual(setCookie, []);
	};

	const thief = createClient(service);
	await thief.login('ann', password);
	secondFactors.confirmTotp = async (...all) => {
		await isEnded();
		return confirmTotp(...all);
	};
	const made = (await thief.post(`${base}/authenticators/totp`, { name: 'thief' })).body as Record<string, string>;
	const app = createApp(made.id ?? '', made.secret ?? '');
	isRefused(await thief.post(`${base}/authenticators/totp/${app.id}/confirmation`, { code: app.code() }));
	t.deepEqual(await secondFactors.list(id), []);
	t.deepEqual(await sessions.list(id, 10), []);
	secondFactors.confirmTotp = confirmTotp;

	const owner = createClient(service);
	await owner.login('ann', password);
	const own = await setUpApp(owner);
	secondFactors.remove = async (...all) => {
		await isEnded();
		return remove(...all);
	};
	isRefused(await owner.send(`${base}/authenticators/${own.id}`, { method: 'DELETE' }));
	t.like(await secondFactors.list(id), [{ id: own.id }]);
	t.deepEqual(await sessions.list(id, 10), []);
});

test('a certificate opens nothing for an identity that is disabled, and trying counts as guessing does', async (t) => {
	const service = await startSecureService();
	t.teardown(service.close);
	const { id } = await service.add('ann', password);
	const certificate = await service.certificateOf('ann');
	const byCertificate = () => service.ask('POST', `${base}/login/certificate`, { as: certificate });
	t.is((await byCertificate()).status, 204);
	const { identities } = service.service.core;
	await identities.setDisabled(id, true, { actor: 'operator' });
	for (let tries = 0; tries < 10; tries += 1) t.is((await byCertificate()).status, 401);
	const refused = await byCertificate();
	t.is(refused.status, 429);
	t.regex(refused.headers['retry-after'] ?? '', /^\d+$/);
	t.is((await login(service.url, 'ann', password)).status, 429);
	t.truthy(await identities.findByName('ann' as IdentityName));
});
