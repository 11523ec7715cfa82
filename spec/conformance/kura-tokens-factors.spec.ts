import test from 'ava';
import { decodeJwt } from 'jose';
import { createClient } from '../_support/client.ts';
import { startService } from '../_support/service.ts';
import { createSoftAuthenticator } from '../_support/soft-authenticator.ts';

/* Kura's tokens, for identities with a second factor. */

const issue = '/services/token/jwt/v1/issue';
const refresh = '/services/token/jwt/v1/refresh';
const base = '/services/session/v1';
const password = 'a-long-and-honest-password';
type Soft = ReturnType<typeof createSoftAuthenticator>;

test('who has a second factor gets tokens by a session that has shown it, and by nothing else', async (t) => {
	const service = await startService({
		auth: { basic: true },
		dialects: { kuraTokens: { enabled: true } },
	});
	t.teardown(() => service.close());
	const url = service.url.replace('127.0.0.1', 'localhost');
	await service.add('ada', password, { permissions: ['rest.assets'] });
	const caller = createClient(service);
	const byBasic = () => caller.send(issue, { method: 'POST', basic: ['ada', password] });
	const renew = (body: string) =>
		caller.send(refresh, { method: 'POST', body, headers: { 'Content-Type': 'text/plain' } });
	const before = (await byBasic()).body as { refreshToken: string };

	const [browser, device] = [createClient({ url }), createSoftAuthenticator({ origin: url })];
	await browser.login('ada', password);
	const { body } = await browser.post(`${base}/authenticators/passkey/challenge`);
	const credential = device.create((body as { publicKey: Parameters<Soft['create']>[0] }).publicKey);
	t.is((await browser.post(`${base}/authenticators/passkey`, { name: 'My key', credential })).status, 201);
	t.like(await byBasic(), { status: 403, body: { code: 'second-factor-needed' } });
	t.like(
		await renew(before.refreshToken),
		{ status: 401, body: { code: 'token-invalid' } },
		'the credentials are others',
	);

	const pending = createClient({ url });
	t.like((await pending.login('ada', password)).body, { secondFactorNeeded: true });
	t.like(await pending.post(issue), { status: 403, body: { code: 'second-factor-needed' } });
	const asked = await pending.post(`${base}/passkey/challenge`);
	const shown = device.get((asked.body as { publicKey: Parameters<Soft['get']>[0] }).publicKey);
	t.is((await pending.post(`${base}/login/passkey`, { credential: shown })).status, 200);
	await pending.fetchXsrfToken();
	const answer = await pending.post(issue);
	t.is(answer.status, 200);
	const pair = answer.body as { accessToken: string; refreshToken: string };
	t.is(decodeJwt(pair.accessToken).sub, 'ada');
	t.is((await renew(pair.refreshToken)).status, 200);
});
