import test from 'ava';
import type { Identity, IdentityName } from '../../src/core/identity.ts';
import { unwrap } from '../../src/http/response/refusals.ts';
import { createClient } from '../_support/client.ts';
import { Away, patient } from '../_support/patient.ts';
import { newSharedSettings } from '../_support/servers.ts';
import { startService, type TestService } from '../_support/service.ts';
import { noSharedStores } from '../_support/shared-stores.ts';

const base = '/services/session/v1';
const password = 'four brown bears';
const portal = 'https://login.example.org/';

let service: TestService;
test.before(async () => {
	service = await startService({ portal: { url: portal }, trustedProxies: ['127.0.0.1/32'] });
	for (const name of ['root', 'boss']) await service.add(name, password, { permissions: ['kura.admin'] });
});
test.after.always(() => service.close());

/** As a trusted proxy hands on what came for the portal. */
const atPortal = { 'X-Forwarded-Host': 'login.example.org', Forwarded: 'host=evil.example' };

/** A code as an operator makes it. */
async function codeFor(at: TestService, name: string) {
	const { identities, invitations } = at.service.core;
	const identity = (await identities.findByName(name as IdentityName)) as Identity;
	return unwrap(await invitations.make(identity, { expiresInMs: 60_000 }, { actor: 'operator' })).code;
}

/** Fifty who accept one code at once, spread over nodes; the one who came in. */
async function acceptedBy(nodes: readonly TestService[], code: string) {
	const tries = Array.from({ length: 50 }, async (_, at) => {
		const node = nodes[at % nodes.length] as TestService;
		const browser = createClient(node);
		const { status } = await browser.post(`${base}/invitation/acceptance`, {
			code,
			password: `seven green frogs ${at}`,
		});
		return { at, status, browser };
	});
	return Promise.all(tries);
}

test('IN1: of fifty at once one sets the password, over SQLite', async (t) => {
	const local = await startService({ attempts: { limit: 1000 } });
	t.teardown(() => local.close());
	await local.add('ada', password);
	const answers = await acceptedBy([local], await codeFor(local, 'ada'));
	const [winner, ...others] = answers.filter(({ status }) => status === 200);
	t.deepEqual(others, []);
	t.deepEqual([...new Set(answers.map(({ status }) => status))].sort(), [200, 404]);
	await winner?.browser.fetchXsrfToken();
	t.like((await winner?.browser.me())?.body as object, { name: 'ada' });
	t.is((await createClient(local).login('ada', `seven green frogs ${winner?.at}`)).status, 200);
	t.is((await createClient(local).login('ada', password)).status, 401);
});

if (noSharedStores === undefined) {
	patient(test)('IN1: and over Redis and PostgreSQL, on two nodes', async (t) => {
		const store = await (await newSharedSettings())();
		const nodes = [
			await startService({ store, attempts: { limit: 1000 } }),
			await startService({ store, attempts: { limit: 1000 } }),
		];
		t.teardown(() => Promise.all(nodes.map((node) => node.close())));
		const [first, second] = nodes as [TestService, TestService];
		await first.add('ada', password);
		const answers = await acceptedBy(nodes, await codeFor(first, 'ada'));
		const winners = answers.filter(({ status }) => status === 200);
		t.true(winners.length <= 1, 'whatever the others are told');
		if (answers.some(({ status }) => status === 503)) throw new Away();
		t.is(winners.length, 1);
		t.deepEqual([...new Set(answers.map(({ status }) => status))].sort(), [200, 404]);
		t.is((await createClient(second).login('ada', `seven green frogs ${winners[0]?.at}`)).status, 200);

		const older = await codeFor(first, 'ada');
		const newer = await codeFor(second, 'ada');
		t.is((await createClient(second).post(`${base}/invitation`, { code: older })).status, 404);
		t.is((await createClient(first).post(`${base}/invitation`, { code: newer })).status, 200);
	});
} else {
	test.skip(`IN1: and over Redis and PostgreSQL, on two nodes: ${noSharedStores}`, () => undefined);
}

async function administrator() {
	const browser = createClient(service);
	const login = await browser.post(`${base}/login/password`, { username: 'root', password });
	if (login.status !== 200) throw new Error(`root: ${login.status}`);
	await browser.fetchXsrfToken();
	return browser;
}

test('IN2: the link is on the host of portal.url, whatever the request says of its host', async (t) => {
	await service.add('bea');
	const root = await administrator();
	const { status, body } = await root.post(`${base}/identities/bea/invitation`, { hours: 2 }, atPortal);
	t.is(status, 201);
	const { url, expiresAt } = body as { url: string; expiresAt: string };
	const evil = { 'X-Forwarded-Host': 'evil.example' };
	t.is((await root.post(`${base}/identities/bea/invitation`, {}, evil)).status, 404, 'nothing is made elsewhere');
	t.is((await root.post(`${base}/identities/bea/invitation`, {})).status, 404);
	t.regex((body as { qr: string }).qr, /^<svg /);
	t.regex(url, /^https:\/\/login\.example\.org\/#\/invitation\/[a-z2-7]{26}$/);
	const left = Date.parse(expiresAt) - Date.now();
	t.true(left > 3_600_000 && left <= 7_200_000);
});

test('IN3: only administrators make one, for others, and its use is in the audit under the name of the person', async (t) => {
	await service.add('cem', password);
	const cem = createClient(service);
	await cem.login('cem', password);
	const refused = await cem.post(`${base}/identities/root/invitation`, {}, atPortal);
	t.like(refused, {
		status: 403,
		body: { code: 'permission-missing', message: 'The permission kura.admin is needed' },
	});
	const root = await administrator();
	const own = await root.post(`${base}/identities/root/invitation`, {}, atPortal);
	t.like(own, {
		status: 403,
		body: { code: 'own-password', message: 'One’s own password is changed with changePassword' },
	});
	const { body } = await root.post(`${base}/identities/cem/invitation`, {}, atPortal);
	const code = (body as { url: string }).url.slice(-26);
	const seen = service.audit().length;
	await createClient(service).post(`${base}/invitation/acceptance`, { code, password: 'seven green frogs' }, atPortal);
	const uses = service
		.audit()
		.slice(seen)
		.filter(({ act }) => act === 'invitation-use');
	t.like(uses, [{ act: 'invitation-use', outcome: 'ok', identity: 'cem' }]);
	t.false(JSON.stringify(service.lines).includes(code));
});

test('IN4: looking uses nothing up, and says no more than the page needs; it is no GET', async (t) => {
	await service.add('dan');
	const code = await codeFor(service, 'dan');
	const ask = () => createClient(service).post(`${base}/invitation`, { code }, atPortal);
	const { body } = await ask();
	const passwordPolicy = { ...service.config.passwordPolicy, minLengthAlone: 15 };
	t.deepEqual(body, { for: 'first-sign-in', username: 'dan', passwordPolicy });
	t.is((await ask()).status, 200);
	const byGet = await fetch(`${service.url}${base}/invitation/acceptance`, { headers: atPortal });
	t.true([404, 405].includes(byGet.status));
	const accepted = await createClient(service).post(
		`${base}/invitation/acceptance`,
		{ code, password: 'seven green frogs' },
		atPortal,
	);
	t.like(accepted, { status: 200, body: { passwordChangeNeeded: false } });
	t.deepEqual((await ask()).body, { message: 'That invitation is over', code: 'invitation-over' });
});

test('a page of another site accepts nothing', async (t) => {
	await service.add('eli');
	const code = await codeFor(service, 'eli');
	const headers = { ...atPortal, 'Sec-Fetch-Site': 'cross-site', Origin: 'https://evil.example' };
	const { status } = await createClient(service).post(
		`${base}/invitation/acceptance`,
		{ code, password: 'seven green frogs' },
		headers,
	);
	t.is(status, 403);
	t.is((await createClient(service).post(`${base}/invitation`, { code }, atPortal)).status, 200);
});

test('without portal.url the link is relative to the host that the administrator is on', async (t) => {
	const local = await startService({ console: { path: '/login' } });
	t.teardown(() => local.close());
	await local.add('root', password, { permissions: ['kura.admin'] });
	await local.add('ada');
	const root = createClient(local);
	await root.login('root', password);
	const { body } = await root.post(`${base}/identities/ada/invitation`, {});
	t.regex((body as { url: string }).url, /^\/login\/#\/invitation\/[a-z2-7]{26}$/);
});

test('with passwords off there are no invitations', async (t) => {
	const local = await startService({ auth: { password: false } });
	t.teardown(() => local.close());
	for (const path of ['invitation', 'invitation/acceptance', 'identities/ada/invitation']) {
		t.is((await createClient(local).post(`${base}/${path}`, { code: 'x', password })).status, 404);
	}
});
