import test from 'ava';
import { ensureApiDocs, ensureConsole } from '../../.ci/prestart.ts';
import type { Operation, Placed } from '../../src/api-docs/document.ts';
import { warningsOf } from '../../src/app/warnings.ts';
import { readConfig } from '../../src/config/read.ts';
import { type Answer, type Client, createClient } from '../_support/client.ts';
import { operations } from '../_support/contract.ts';
import { startService, type TestService } from '../_support/service.ts';
import { startUpstream, type Upstream } from '../_support/upstream.ts';

/*
 * With `portal.url`, what is for people and for administrators answers on that host and on no other: as if nothing were
 * there, or as a rule has it. The session calls answer everywhere, since applications need them on their own host.
 */

let upstream: Upstream;
let service: TestService;
/** A proxy that is trusted. */
let proxy: Client;
/** Anybody else. */
let stranger: Client;

const nothing = { message: 'Not found', code: 'not-found' };
const login = 'login.example.org';
const elsewhere = 'other.example.org';
const app = 'app.example.org';

test.before(async (t) => {
	t.true((await ensureConsole()) && (await ensureApiDocs()));
	upstream = await startUpstream((req, res) => void res.end(`theirs: ${req.url}`));
	service = await startService({
		trustedProxies: ['127.0.0.1'],
		portal: { url: `https://${login}/` },
		dialects: {
			kismet: { enabled: true },
			insights: { enabled: true },
			kuraIdentity: { enabled: true },
			kuraTokens: { enabled: true },
		},
		resources: [{ hosts: [app], access: 'public', upstream: upstream.url }],
	});
	const port = Number(new URL(service.url).port);
	proxy = createClient({ port });
	stranger = createClient({ port, from: '127.0.0.2' });
});
test.after.always(async () => {
	await service.close();
	upstream.close();
});

const behind = (host: string) => ({ 'X-Forwarded-Host': host, 'X-Forwarded-Proto': 'https' });
const isNothing = ({ status, body }: Answer) => status === 404 && (body as { code?: string }).code === 'not-found';
const isOnEveryHost = ({ operation }: Placed) =>
	(operation as Operation & { 'x-every-host'?: true })['x-every-host'] === true;
const asked = ({ path }: Placed) => path.replace(/\{\w+\}/g, 'x');
/** What one administers, or reads, and no application needs. */
const portalOnly = operations.filter((placed) => !isOnEveryHost(placed));

test('the document says which operations answer on every host', (t) => {
	const names = operations.filter(isOnEveryHost).map(({ operation }) => operation.operationId);
	for (const name of ['loginWithPassword', 'getXsrfToken', 'logout', 'continueTo', 'verifyAccess', 'getLiveness'])
		t.true(names.includes(name), name);
	for (const { path, operation } of portalOnly)
		t.false(/login(?!\/(passkey|totp|recoveryCode))|logout|health/i.test(path), operation.operationId);
	for (const name of ['listIdentities', 'listSessions', 'endSession', 'setUp', 'getDocs', 'getOpenApi'])
		t.true(
			portalOnly.some(({ operation }) => operation.operationId === name),
			name,
		);
});

for (const placed of operations) {
	const { method, operation } = placed;
	const where = isOnEveryHost(placed) ? 'on every host' : 'on the host of the portal alone';
	test(`${operation.operationId} answers ${where}`, async (t) => {
		const path = asked(placed);
		const ask = (who: Client, headers: Record<string, string>) => who.send(path, { method, headers });
		t.false(isNothing(await ask(proxy, behind(login))), 'the portal, by a proxy');
		t.false(isNothing(await ask(stranger, { Host: login })), 'the portal');
		for (const headers of [{ Host: elsewhere }, { Host: elsewhere, ...behind(login) }, { Host: '127.0.0.1' }]) {
			const answer = await ask(stranger, headers);
			t.is(isNothing(answer), !isOnEveryHost(placed), JSON.stringify(headers));
			if (!isOnEveryHost(placed)) t.deepEqual(answer.body, nothing);
		}
		t.is(isNothing(await ask(proxy, behind(elsewhere))), !isOnEveryHost(placed), 'another, by a proxy');
	});
}

test('so do the console and its files', async (t) => {
	const page = await proxy.send('/', { headers: behind(login) });
	t.is(page.status, 200);
	const [, file = ''] = /src="([^"]+)"/.exec(page.text) ?? [];
	t.is((await proxy.send(file, { headers: behind(login) })).status, 200);
	for (const path of ['/', file]) t.deepEqual((await proxy.send(path, { headers: behind(elsewhere) })).body, nothing);
});

test('the application of another host has these paths', async (t) => {
	const paths = new Set(portalOnly.filter(({ method }) => method === 'GET').map(asked));
	for (const path of ['/', '/console/index.js', ...paths]) {
		t.is((await proxy.send(path, { headers: behind(app) })).text, `theirs: ${path}`);
	}
	t.regex((await proxy.send('/services/session/v1/xsrfToken', { headers: behind(app) })).text, /session-missing/);
});

test('every spelling of the host is the portal; what looks like it is not', async (t) => {
	for (const host of ['LOGIN.example.org', 'login.example.org.', 'login.example.org:443', 'login.example.org:80']) {
		t.is((await stranger.send('/openapi.yaml', { headers: { Host: host } })).status, 200, host);
		t.is((await proxy.send('/openapi.yaml', { headers: behind(host) })).status, 200, host);
	}
	for (const host of [
		...['login.example.org:8443', 'login.example.org..', 'xlogin.example.org', 'login.example.org.evil.example'],
		...[
			'login.example.org, other.example.org',
			'other.example.org, login.example.org',
			'*.example.org',
			'a@login.example.org',
		],
		...['login.example.org/', 'login.example.org#', '', 'login\u2024example.org'],
	]) {
		const header = { 'X-Forwarded-Host': Buffer.from(host).toString('latin1') };
		const { status } = await proxy.send('/openapi.yaml', { headers: { Host: elsewhere, ...header } });
		t.true(status === 404 || status === 400, `${host}: ${status}`);
	}
});

test('what a stranger says of another host changes nothing', async (t) => {
	const forged = {
		...behind(login),
		'X-Original-URL': `https://${login}/openapi.yaml`,
		'X-Host': login,
		'X-Forwarded-Server': login,
		Forwarded: `host=${login}`,
		Origin: `https://${login}`,
	};
	const answer = await stranger.send('/openapi.yaml', { headers: { Host: elsewhere, ...forged } });
	t.deepEqual([answer.status, answer.body], [404, nothing]);
	// A whole URL as the target must name the host that is asked. Rule: RFC 9112, 3.2.2.
	const whole = await stranger.send(`http://${login}/openapi.yaml`, { headers: { Host: elsewhere } });
	t.is(whole.status, 400);
});

test('an unknown method learns nothing of what is elsewhere', async (t) => {
	const ask = (host: string, method: string) => proxy.send('/openapi.yaml', { method, headers: behind(host) });
	t.is((await ask(login, 'TRACE')).headers.allow, 'GET, HEAD');
	t.is((await ask(elsewhere, 'TRACE')).headers.allow, 'GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS');
	t.is((await ask(login, 'POST')).status, 405);
	t.is((await ask(elsewhere, 'POST')).status, 404);
	t.is((await ask(elsewhere, 'OPTIONS')).status, 404);
});

test('a session of another host administers nothing there', async (t) => {
	const password = 'a long enough secret';
	await service.add('admin', password, { permissions: ['kura.admin'] });
	const here = createClient({ port: Number(new URL(service.url).port), from: '127.0.0.2' });
	t.is((await here.login('admin', password)).status, 200);
	t.is((await here.send('/services/session/v1/currentIdentity')).status, 200);
	for (const path of ['identities', 'sessions', 'sessions?all'])
		t.deepEqual((await here.send(`/services/session/v1/${path}`)).body, nothing, path);
	const asPortal = await here.send('/services/session/v1/identities', { headers: { Host: login } });
	t.is(asPortal.status, 200, 'the same session at the portal');
});

test('without a portal every host is as good as any other', async (t) => {
	const plain = await startService();
	t.teardown(() => plain.close());
	const visitor = createClient({ port: Number(new URL(plain.url).port) });
	for (const path of ['/', '/openapi.yaml'])
		t.is((await visitor.send(path, { headers: { Host: elsewhere } })).status, 200, path);
});

test('a service worker at the root of a host that has no page of ours is nobody else’s business', async (t) => {
	const headers = { ...behind(app), 'Service-Worker': 'script', 'Sec-Fetch-Dest': 'serviceworker' };
	t.is((await proxy.send('/sw.js', { headers })).status, 200);
});

test('where certificates are asked for on a port of its own, that is the portal, too; warnings know of hosts', (t) => {
	const settings = (more: object) =>
		readConfig({
			settings: {
				portal: { url: 'https://login.example.org' },
				resources: [{ hosts: ['app.example.org'], path: '/docs', permission: 'p', upstream: 'http://127.0.0.1:1' }],
				...more,
			},
			env: {},
		});
	t.deepEqual(warningsOf(settings({})), []);
	t.regex(warningsOf(settings({ portal: {} })).join(), /not for \/docs/);
	const below = { path: '/services/session/v1/identities', permission: 'p', upstream: 'http://127.0.0.1:1' };
	t.regex(warningsOf(settings({ resources: [below] })).join(), /below \/services\/session\/v1/);
});
