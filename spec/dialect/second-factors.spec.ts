import test from 'ava';
import type { Identity } from '../../src/core/identity.ts';
import { setUpApp } from '../_support/authenticator-app.ts';
import { createClient } from '../_support/client.ts';
import { startService, type TestService } from '../_support/service.ts';

/* Clients of Kismet and 1010data, which know no second factor, for identities with one and without. */

const password = 'a long and honest password';
const permissions = ['kismet.admin'];
let service: TestService;
let owner: Identity;

test.before(async () => {
	service = await startService({ dialects: { kismet: { enabled: true }, insights: { enabled: true } } });
	await service.add('plain', password, { permissions });
	owner = await service.add('owner', password, { permissions });
	const browser = createClient(service);
	await browser.login('owner', password);
	await setUpApp(browser);
});

test.after.always(() => service.close());

const sessionsOfOwner = () => service.service.core.sessions.list(owner.id, 10);

test('Kismet: who has a second factor is sent to an API key or a browser, with 403, and gets no session', async (t) => {
	const before = await sessionsOfOwner();
	const path = '/session/check_login';
	t.is((await createClient(service).send(path, { basic: ['plain', password] })).status, 200);
	const refused = createClient(service);
	const answer = await refused.send(path, { basic: ['owner', password] });
	t.is(answer.status, 403);
	t.is(answer.text.trim(), 'A second factor is needed: use an API key, or sign in at /');
	t.false(refused.jar.has('KISMET'));
	t.is((await createClient(service).send(path, { basic: ['owner', 'not the password'] })).status, 401);
	t.deepEqual(await sessionsOfOwner(), before);
});

test('1010data: the same, as for a password that has expired', async (t) => {
	const before = await sessionsOfOwner();
	const login = (uid: string, pw = password) =>
		createClient(service).send('/beta-latest/api/!login', { method: 'POST', form: { uid, pw } });
	t.is((await login('plain')).status, 200);
	const refused = await login('owner');
	t.is(refused.status, 403);
	t.regex((refused.body as { error: string }).error, /second factor is needed/);
	t.is(refused.setCookie.length, 0);
	t.is((await login('owner', 'not the password')).status, 401);
	t.deepEqual(await sessionsOfOwner(), before);
});
