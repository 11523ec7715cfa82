import test from 'ava';
import { setUpApp } from '../../_support/authenticator-app.ts';
import { createClient } from '../../_support/client.ts';
import { createHandClock } from '../../_support/hand-clock.ts';
import { startService } from '../../_support/service.ts';

/* Who must have a second factor sets one up before anything else, and keeps one. */

const base = '/services/session/v1';
const password = 'a long and honest password';
const clock = createHandClock(Date.now());
const secondFactor = { required: 'admins', requiredFor: ['rest.safe'] };
const service = await startService({ auth: { basic: true }, secondFactor }, clock);
await service.add('boss', password, { permissions: ['kura.admin'] });
await service.add('guard', password, { permissions: ['rest.safe'] });
await service.add('ada', password, { permissions: ['rest.assets'] });
test.after.always(() => service.close());

for (const name of ['boss', 'guard']) {
	test.serial(
		`${name} sets one up first, by a session that opens nothing else, and cannot remove the last one`,
		async (t) => {
			const browser = createClient(service);
			const login = await browser.login(name, password);
			t.deepEqual(login.body, { passwordChangeNeeded: false, enrolmentNeeded: true });
			t.like(await browser.me(), { status: 401, body: { code: 'enrolment-needed' } });
			const shown = await createClient(service).send(`${base}/currentIdentity`, { basic: [name, password] });
			t.like(shown, { status: 403, body: { code: 'second-factor-needed' } });
			const { id } = await setUpApp(browser, clock.now);
			t.is((await browser.me()).status, 200);
			const removal = await browser.send(`${base}/authenticators/${id}`, { method: 'DELETE' });
			t.like(removal, { status: 409, body: { code: 'last-factor' } });
			await setUpApp(browser, clock.now);
			t.is((await browser.send(`${base}/authenticators/${id}`, { method: 'DELETE' })).status, 204);
		},
	);
}

test.serial('others sign in as before', async (t) => {
	t.deepEqual((await createClient(service).login('ada', password)).body, { passwordChangeNeeded: false });
});
