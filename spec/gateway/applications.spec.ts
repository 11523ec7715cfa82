import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { createClient } from '../_support/client.ts';
import { startService, type TestService } from '../_support/service.ts';

/*
 * What somebody may open, by the same rules that judge the request for it.
 */

const password = 'a long enough secret';
const path = '/services/session/v1/applications';
const upstream = 'http://127.0.0.1:1';
const svg = '<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>';

let folder: string;
let service: TestService;

test.before(async () => {
	folder = mkdtempSync(join(tmpdir(), 'latchkey-icons-'));
	writeFileSync(join(folder, 'wiki.svg'), svg);
	const rule = (more: object) => ({ upstream, xsrf: 'unsafe', ...more });
	service = await startService({
		trustedProxies: ['127.0.0.1'],
		console: { path: '/latchkey' },
		networks: { lan: ['10.0.0.0/8'] },
		resources: [
			rule({ hosts: ['wiki.example.org'], path: '/admin', permission: 'wiki.admin' }),
			rule({ hosts: ['wiki.example.org'], path: '/Help', access: 'public', title: 'Help <b>' }),
			rule({ hosts: ['wiki.example.org'], permission: 'wiki', title: 'Wiki', icon: join(folder, 'wiki.svg') }),
			rule({ hosts: ['*.lab.example.org', 'bench.lab.example.org:8443'], permissions: { any: ['wiki', 'lab'] } }),
			rule({ hosts: ['*.any.example.org'], access: 'authenticated', title: 'no host of its own' }),
			rule({ hosts: ['post.example.org'], access: 'authenticated', methods: ['POST'], title: 'no GET' }),
			rule({ hosts: ['socket.example.org'], access: 'authenticated', websocket: true, title: 'no page' }),
			rule({ hosts: ['cmd.example.org'], access: 'authenticated', suffixes: ['.cmd'], title: 'no address' }),
			rule({ hosts: ['api.example.org'], access: 'authenticated', xsrf: 'always', title: 'no person' }),
			rule({ hosts: ['api2.example.org'], access: 'authenticated', unauthenticated: '401', title: 'no person' }),
			rule({ hosts: ['no.example.org'], access: 'denied', title: 'nobody' }),
			rule({ hosts: ['pub.example.org'], access: 'public' }),
			rule({ hosts: ['lan.example.org'], access: 'authenticated', from: ['lan'], title: 'Lan' }),
			rule({ path: '/docs/x', access: 'authenticated' }),
			rule({ paths: ['/plain/%C3%A9', '/other'], access: 'authenticated' }),
			rule({ path: '/latchkey', permission: 'everything', title: 'where the console stands' }),
			rule({ access: 'authenticated', title: 'neither host nor path' }),
		],
	});
	await service.add('ada', password, { permissions: ['wiki', 'everything'] });
	await service.add('ivo', password, { permissions: ['wiki.admin'] });
	await service.add('root', password, { permissions: ['kura.admin'] });
});
test.after.always(async () => {
	await service.close();
	rmSync(folder, { recursive: true });
});

async function listFor(name: string, headers: Record<string, string> = {}) {
	const visitor = createClient({ port: Number(new URL(service.url).port) });
	await visitor.login(name, password);
	const { status, body } = await visitor.send(path, { headers });
	if (status !== 200) throw new Error(`${status}`);
	return (body as { applications: { title: string; url: string; icon?: string }[] }).applications;
}

const urls = (list: readonly { url: string }[]) => list.map(({ url }) => url);
const here = () => `http://localhost:${new URL(service.url).port}`;

test('what one may open, with title and picture, in the order of the rules', async (t) => {
	const list = await listFor('ada');
	t.deepEqual(
		list.map(({ title, url }) => [title, url]),
		[
			['Help <b>', 'http://wiki.example.org/Help'],
			['Wiki', 'http://wiki.example.org/'],
			['bench.lab.example.org:8443', 'http://bench.lab.example.org:8443/'],
			['/docs/x', `${here()}/docs/x`],
			['/plain/é', `${here()}/plain/%C3%A9`],
		],
	);
	t.regex(list[1]?.icon ?? '', /^\/latchkey\/console\/icons\/[0-9a-f]{32}\.svg$/);
	t.is(list[0]?.icon, undefined);
});

test('the same judge as for the request: permissions, networks, administrators', async (t) => {
	const ivo = urls(await listFor('ivo'));
	t.true(ivo.includes('http://wiki.example.org/admin'), 'a part, where the whole is closed');
	t.false(ivo.includes('http://wiki.example.org/'));
	const root = urls(await listFor('root'));
	t.true(root.includes('http://wiki.example.org/'));
	t.false(root.includes('http://wiki.example.org/admin'), 'a part of another, without a title');
	t.false(root.some((url) => url.includes('no.example.org')));
	t.false(urls(await listFor('ada')).includes('http://lan.example.org/'));
	t.true(urls(await listFor('ada', { 'X-Forwarded-For': '10.1.2.3' })).includes('http://lan.example.org/'));
});

test('it takes a session and its token', async (t) => {
	const ada = createClient(service);
	t.is((await ada.get(path)).status, 401);
	await ada.login('ada', password);
	t.is((await ada.get(path)).status, 200);
	t.is((await ada.get(path, { 'X-XSRF-Token': 'x' })).status, 401);
	t.is((await ada.post(path)).status, 405);
});

test('a host that cannot be read makes no address', async (t) => {
	for (const forged of ['a@b', 'a/b', '"><script>', 'a, b']) {
		const list = await listFor('ada', { 'X-Forwarded-Host': forged });
		t.deepEqual(
			urls(list).filter((url) => !/^http:\/\/(wiki|bench\.lab)\.example\.org/.test(url)),
			[],
			forged,
		);
	}
});

test('a picture is served as one, and runs nothing', async (t) => {
	const [, wiki] = await listFor('ada');
	const answer = await fetch(service.url + wiki?.icon);
	t.is(answer.status, 200);
	t.is(await answer.text(), svg);
	t.is(answer.headers.get('content-type'), 'image/svg+xml');
	t.is(answer.headers.get('x-content-type-options'), 'nosniff');
	t.regex(answer.headers.get('content-security-policy') ?? '', /default-src 'none'.*sandbox/);
	for (const name of ['x.svg', '..%2f..%2fpackage.json', `${'0'.repeat(32)}.svg`])
		t.true((await fetch(`${service.url}/latchkey/console/icons/${name}`)).status >= 400, name);
});

test('a picture that is none stops the start, with its line', async (t) => {
	writeFileSync(join(folder, 'large.png'), Buffer.alloc(300 * 1024));
	for (const [icon, why] of [
		[join(folder, 'none.svg'), /resources\.0\.icon: .*ENOENT/],
		[join(folder, 'wiki.html'), /must end with \.svg/],
		[join(folder, 'large.png'), /larger than 256 KiB/],
	] as const) {
		const resources = [{ path: '/x', access: 'authenticated', xsrf: 'unsafe', icon }];
		await t.throwsAsync(startService({ resources }), { message: why });
	}
	await t.throwsAsync(startService({ resources: [{ path: '/x', access: 'authenticated', title: 'a\nb' }] }), {
		message: /title: must be/,
	});
});
