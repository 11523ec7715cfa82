import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import test from 'ava';
import { http } from '../../src/http/node-http.ts';
import { type Client, createClient } from '../_support/client.ts';
import { startService, type TestService } from '../_support/service.ts';

/*
 * A body whose last byte comes when the right to send it is gone: whatever was judged before it, nothing is changed.
 */

const password = 'a long enough secret';
const other = 'another secret, as long';
const v1 = '/services/session/v1';
const form = 'application/x-www-form-urlencoded';

let service: TestService;
let count = 0;

test.before(async () => {
	service = await startService({
		auth: { basic: true },
		dialects: { kismet: { enabled: true }, kuraIdentity: { enabled: true } },
	});
	await service.add('root', password, { permissions: ['kura.admin'] });
});
test.after.always(() => service.close());

interface Sent {
	readonly method?: string;
	readonly type?: string;
	readonly headers?: Record<string, string>;
	readonly body: string;
}

/** Sends all but the last byte. Resolves once the service has been asked something else since; what it returns sends the rest. */
async function hold(path: string, { method = 'POST', type = 'application/json', headers, body }: Sent) {
	const { hostname, port } = new URL(service.url);
	const req = http.request({ hostname, port, path, method, agent: false });
	const known = { 'Content-Type': type, 'Content-Length': String(Buffer.byteLength(body)), Host: `localhost:${port}` };
	for (const [name, value] of Object.entries({ ...known, ...headers })) req.setHeader(name, value);
	const answered = once(req, 'response') as Promise<[IncomingMessage]>;
	await new Promise<void>((resolve) => req.write(body.slice(0, -1), () => resolve()));
	for (let times = 0; times < 5; times += 1) await createClient(service).get('/health/live');
	return async () => {
		req.end(body.slice(-1));
		const [{ statusCode }] = await answered;
		req.destroy();
		return statusCode;
	};
}

/** Somebody who is signed in, with what a request of theirs bears. */
async function signIn(permissions: string[] = ['kura.admin']) {
	count += 1;
	const name = `somebody-${count}`;
	const { id } = await service.add(name, password, { permissions });
	const client = createClient(service);
	await client.login(name, password);
	const headers = () => ({ Cookie: client.cookies(), 'X-XSRF-Token': client.xsrfToken() });
	return { id, name, client, headers };
}

async function root(): Promise<Client> {
	const client = createClient(service);
	await client.login('root', password);
	return client;
}

const strip = (name: string) => (boss: Client) =>
	boss.send(`${v1}/identities/${name}`, { method: 'PATCH', json: { permissions: [], disabled: true } });
const demote = (name: string) => (boss: Client) =>
	boss.send(`${v1}/identities/${name}`, { method: 'PATCH', json: { permissions: [] } });

const asked: Readonly<Record<string, (own: string) => Sent & { path: string }>> = {
	'makes an administrator': (own) => ({
		path: `${v1}/identities`,
		body: JSON.stringify({ name: `${own}-friend`, password: other, permissions: ['kura.admin'] }),
	}),
	'takes its own rights back': (own) => ({
		path: `${v1}/identities/${own}`,
		method: 'PATCH',
		body: JSON.stringify({ disabled: false, permissions: ['kura.admin'] }),
	}),
	'makes an identity in Kura’s words': (own) => ({
		path: '/services/identity/v2/identities',
		body: JSON.stringify({ name: `${own}-kura` }),
	}),
};

for (const [says, request] of Object.entries(asked)) {
	for (const [how, take, status] of [
		['was disabled', strip, 401],
		['lost its rights', demote, 403],
	] as const) {
		test(`an administrator who ${how} while the body was under way no longer ${says}`, async (t) => {
			const { id, name, headers } = await signIn();
			const { path, ...sent } = request(name);
			const finish = await hold(path, { ...sent, headers: headers() });
			t.is((await take(name)(await root())).status, 200);
			t.is(await finish(), status);
			const { identities } = service.service.core;
			t.deepEqual([...((await identities.find(id))?.permissions ?? [])], []);
			t.deepEqual(
				(await identities.list()).filter((each) => each.name.startsWith(`${name}-`)),
				[],
			);
		});
	}
}

test('what was sent with the tokens of before a proof is over, once there is one', async (t) => {
	const { name, client, headers } = await signIn();
	const body = JSON.stringify({ permissions: ['kura.admin', 'wiki.read'] });
	const finish = await hold(`${v1}/identities/${name}`, { method: 'PATCH', headers: headers(), body });
	t.is((await client.post(`${v1}/proof`, { password })).status, 204);
	t.is(await finish(), 401);
});

for (const [says, path, body] of [
	['a password', '/session/set_password', `password=${encodeURIComponent(other)}`],
	['a key', '/auth/apikey/generate.cmd', `json=${encodeURIComponent('{"name":"k","role":"admin","duration":0}')}`],
] as const) {
	test(`of Kismet: ${says} is not set by a session that was ended while the body was under way`, async (t) => {
		const { id, name } = await signIn(['kura.admin', 'kismet.admin']);
		const browser = createClient(service);
		t.is((await browser.send('/session/check_session', { basic: [name, password] })).status, 200);
		const before = await service.service.core.identities.find(id);
		const finish = await hold(path, { type: form, headers: { Cookie: browser.cookies() }, body });
		await service.service.core.sessions.endOf(id, {}, { actor: 'operator' });
		t.is(await finish(), 401);
		t.deepEqual(await service.service.core.identities.find(id), before);
		t.deepEqual(await service.service.core.apiTokens.list(id), []);
	});
}

test('a body that takes its time is read, where nothing has changed', async (t) => {
	const { name, headers } = await signIn();
	const body = JSON.stringify({ permissions: ['kura.admin', 'wiki.read'] });
	const finish = await hold(`${v1}/identities/${name}`, { method: 'PATCH', headers: headers(), body });
	t.is(await finish(), 200);
	const visitor = await signIn(['wiki.read']);
	const basic = `Basic ${Buffer.from(`${visitor.name}:${password}`).toString('base64')}`;
	const sent = { type: form, headers: { Authorization: basic }, body: `password=${encodeURIComponent(other)}` };
	t.is(await (await hold('/session/set_password', sent))(), 200);
	t.is((await createClient(service).login(visitor.name, other)).status, 200);
});
