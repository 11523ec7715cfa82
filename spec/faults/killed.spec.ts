import test from 'ava';
import { setUpApp } from '../_support/authenticator-app.ts';
import { type Client, createClient } from '../_support/client.ts';
import { type ChildServer, openWorkplace, serve, type Workplace } from '../_support/command-line.ts';

/*
 * kill -9 at the moment that an answer arrives: what was answered with success is kept. One story, in order; each test
 * leaves a service that was just killed to the next.
 */

const base = '/services/session/v1';
const password = 'four brown bears';
const nextPassword = 'seven green frogs';

let place: Workplace;
let server: ChildServer;

test.before(async () => {
	place = await openWorkplace();
	for (const command of [
		'identity add ada --password-stdin',
		'identity add boss --password-stdin --permission kura.admin',
	]) {
		await place.run(command.split(' '), { stdin: password });
	}
	server = await serve(place.folder);
});

test.after.always(async () => {
	await server.stop();
	await place.remove();
});

/** A browser goes on with what it has, at the address of the service that was started again. */
function goOn(before: Client): Client {
	const browser = createClient(server);
	for (const [name, value] of before.jar) browser.jar.set(name, value);
	return browser;
}

async function killAndStart(): Promise<void> {
	server.signal('SIGKILL');
	await server.ended;
	server = await serve(place.folder);
}

async function signedIn(name: string): Promise<Client> {
	const browser = createClient(server);
	const { status } = await browser.login(name, password);
	if (status !== 200) throw new Error(`${name}: ${status}`);
	return browser;
}

/** Whether the session that this browser holds lives. */
const lives = async (browser: Client) => (await browser.get(`${base}/xsrfToken`)).status === 200;

test.serial('a login that was answered', async (t) => {
	const browser = createClient(server);
	const login = await browser.post(`${base}/login/password`, { username: 'ada', password });
	await killAndStart();
	t.is(login.status, 200);
	t.true(await lives(goOn(browser)));
});

test.serial('a logout that was answered', async (t) => {
	const [browser, other] = [await signedIn('ada'), await signedIn('ada')];
	const kept = goOn(browser);
	const logout = await browser.logout();
	await killAndStart();
	t.is(logout.status, 204);
	t.false(await lives(goOn(kept)));
	t.true(await lives(goOn(other)), 'nobody else was signed out');
});

test.serial('a password change that was answered', async (t) => {
	const [browser, other] = [await signedIn('ada'), await signedIn('ada')];
	const kept = goOn(browser);
	const change = await browser.changePassword(password, nextPassword);
	await killAndStart();
	t.is(change.status, 204);
	t.false(await lives(goOn(kept)));
	t.false(await lives(goOn(other)));
	t.is((await createClient(server).login('ada', password)).status, 401);
	t.is((await createClient(server).login('ada', nextPassword)).status, 200);
});

test.serial('an invitation that was accepted, as was answered', async (t) => {
	await place.run(['identity', 'add', 'eve']);
	const boss = await signedIn('boss');
	const invited = await boss.post(`${base}/identities/eve/invitation`, {});
	const code = String((invited.body as { url: string }).url).slice(-26);
	const browser = createClient(server);
	const accepted = await browser.post(`${base}/invitation/acceptance`, { code, password: nextPassword });
	await killAndStart();
	t.is(accepted.status, 200);
	t.true(await lives(goOn(browser)));
	const again = await createClient(server).post(`${base}/invitation/acceptance`, { code, password });
	t.is(again.status, 404);
	t.is((await createClient(server).login('eve', nextPassword)).status, 200);
});

test.serial('a code of an app, and one on paper, that were used, as was answered', async (t) => {
	const owner = createClient(server);
	await owner.login('eve', nextPassword);
	const app = await setUpApp(owner);
	const [paper] = ((await owner.post(`${base}/recoveryCodes`)).body as { codes: string[] }).codes;
	for (const [path, code] of [
		['login/totp', app.code()],
		['login/recoveryCode', paper],
	]) {
		const show = async () => {
			const browser = createClient(server);
			await browser.login('eve', nextPassword);
			return browser.post(`${base}/${path}`, { code });
		};
		const used = await show();
		await killAndStart();
		t.is(used.status, 200, path);
		const again = await show();
		t.is(again.status, 401, path);
		t.like(again.body, { code: 'wrong-code' });
	}
});

test.serial('an identity that was removed, as was answered', async (t) => {
	const boss = await signedIn('boss');
	const browser = createClient(server);
	await browser.login('ada', nextPassword);
	const removal = await boss.send(`${base}/identities/ada`, { method: 'DELETE' });
	await killAndStart();
	t.is(removal.status, 204);
	t.false(await lives(goOn(browser)));
	t.is((await createClient(server).login('ada', nextPassword)).status, 401);
	t.true(await lives(goOn(boss)));
});
