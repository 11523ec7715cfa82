import { chmod, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import type { IdentityName, Permission } from '../../src/core/identity.ts';
import { createClient } from '../_support/client.ts';
import { freePort, nginx } from '../_support/proxies.ts';
import { end, start, startServing } from '../_support/server.ts';
import { startService, type TestService } from '../_support/service.ts';

/*
 * Methods that rules name, besides the common ones: WebDAV, with nginx's own module for it as the upstream.
 */

const password = 'a long enough secret';
const methods = ['GET', 'PUT', 'DELETE', 'MKCOL', 'COPY', 'MOVE'];

async function startDav(folder: string) {
	const port = await freePort();
	await mkdir(join(folder, 'root'));
	await mkdir(join(folder, 'root/open'));
	await mkdir(join(folder, 'root/closed'));
	await chmod(folder, 0o755);
	const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'];
	await writeFile(
		join(folder, 'nginx.conf'),
		[
			...(userInfo().uid === 0 ? ['user root;'] : []),
			...['daemon off;', 'worker_processes 1;', `pid ${folder}/pid;`, 'error_log stderr;', 'events {}', 'http {'],
			'access_log off;',
			...temporary.map((name) => `${name}_temp_path ${folder}/${name};`),
			`server { listen 127.0.0.1:${port}; root ${folder}/root; dav_methods PUT DELETE MKCOL COPY MOVE; }`,
			'}',
		].join('\n'),
	);
	const child = await startServing(
		() => start(nginx ?? '', ['-p', folder, '-e', 'stderr', '-c', join(folder, 'nginx.conf')]),
		async () => {
			await fetch(`http://127.0.0.1:${port}/`);
		},
	);
	return { url: `http://127.0.0.1:${port}`, stop: () => end(child, 'SIGTERM') };
}

if (nginx === undefined) {
	test.skip('WebDAV passes where a rule names its methods: nginx is not installed', () => undefined);
} else {
	let folder: string;
	let service: TestService;
	let stop: () => Promise<unknown>;
	/** With Basic, as clients of WebDAV sign in. */
	let send: (method: string, path: string, headers?: Record<string, string>, body?: string) => ReturnType<typeof ask>;
	let ask: (
		method: string,
		path: string,
		headers?: Record<string, string | string[]>,
		body?: string,
	) => Promise<{
		readonly status: number;
		readonly allow: string | undefined;
		readonly text: string;
	}>;

	test.before(async () => {
		folder = await mkdtemp(join(tmpdir(), 'latchkey-dav-'));
		const dav = await startDav(folder);
		stop = dav.stop;
		service = await startService({
			auth: { basic: true },
			resources: [
				{ path: '/closed', methods, permission: 'rest.admin', upstream: dav.url },
				{ path: '/open', methods, permission: 'rest.files', upstream: dav.url, xsrf: 'origin' },
				{ path: '/hosted', methods, permission: 'rest.files', upstream: dav.url, host: 'files.internal' },
				{ path: '/plain', permission: 'rest.files', upstream: dav.url },
				{ path: '/never', methods: ['PROPFIND'], access: 'denied' },
			],
		});
		await service.add('ada', password, { permissions: ['rest.files'] });
		const visitor = createClient({ port: Number(new URL(service.url).port) });
		const basic = { Authorization: `Basic ${Buffer.from(`ada:${password}`).toString('base64')}` };
		ask = async (method, path, headers = {}, body) => {
			const answer = await visitor.send(path, { method, headers, ...(body !== undefined && { body }) });
			return { status: answer.status, allow: answer.headers.allow, text: answer.text };
		};
		send = (method, path, headers, body) => ask(method, path, { ...basic, ...headers }, body);
	});
	test.after.always(async () => {
		await service?.close();
		await stop?.();
		await rm(folder, { recursive: true, force: true });
	});

	/** As a client would name it. */
	const here = (path: string) => new URL(path, `http://localhost:${new URL(service.url).port}`).href;
	const inFolder = (name: string) => readdir(join(folder, 'root', name));

	test.serial('folders and files are made, copied and moved', async (t) => {
		t.is((await send('MKCOL', '/open/a/')).status, 201);
		t.is((await send('PUT', '/open/a/1.txt', {}, 'one')).status, 201);
		const destination = (path: string) => ({ Destination: here(path) });
		t.like(await send('COPY', '/open/a/1.txt', destination('/open/a/2.txt')), { status: 204, text: '' });
		t.is(
			(await send('MOVE', '/open/a/2.txt', { Destination: '/open/a/gr%C3%BCn 3.txt'.replace(' ', '%20') })).status,
			204,
		);
		t.deepEqual((await inFolder('open/a')).sort(), ['1.txt', 'grün 3.txt']);
		t.is(await readFile(join(folder, 'root/open/a/grün 3.txt'), 'utf8'), 'one');
		t.is((await send('DELETE', '/open/a/')).status, 204);
	});

	test.serial('nothing is written where another rule decides, or nobody knows where', async (t) => {
		t.is((await send('PUT', '/open/secret.txt', {}, 'one')).status, 201);
		for (const to of [
			'/closed/1',
			'/open/../closed/1',
			'/plain/1',
			'//closed/1',
			'1',
			'http://elsewhere.example/open/1',
		])
			t.is((await send('COPY', '/open/secret.txt', { Destination: to })).status, 400, to);
		t.is((await send('MOVE', '/open/secret.txt', { Destination: here('/closed/1') })).status, 400);
		t.is((await send('MOVE', '/open/secret.txt')).status, 400);
		t.deepEqual(await inFolder('closed'), []);
		t.deepEqual(await inFolder('open'), ['secret.txt']);
	});

	test.serial('a Destination names the host that the upstream is told', async (t) => {
		await mkdir(join(folder, 'root/hosted'));
		await writeFile(join(folder, 'root/hosted/1.txt'), 'one');
		const destination = here('/hosted/2.txt');
		t.is((await send('COPY', '/hosted/1.txt', { Destination: destination })).status, 204);
		t.deepEqual((await inFolder('hosted')).sort(), ['1.txt', '2.txt']);
	});

	test.serial('a token with paths copies and moves within them alone', async (t) => {
		const { core } = service.service;
		const ada = await core.identities.findByName('ada' as IdentityName);
		const wanted = {
			name: 'CI',
			permissions: ['rest.files' as Permission],
			expiresInMs: 3_600_000,
			endsWithPassword: false,
		};
		const made = ada && (await core.apiTokens.add(ada, { ...wanted, paths: ['/open/ci'] }, { actor: 'operator' }));
		if (!made?.ok) throw new Error('no token');
		const byToken = (method: string, path: string, Destination: string) =>
			ask(method, path, { Authorization: `Bearer ${made.value.text}`, Destination });
		await mkdir(join(folder, 'root/open/ci'), { recursive: true });
		await writeFile(join(folder, 'root/open/ci/1.txt'), 'one');
		const before = await inFolder('open');
		for (const to of ['/open/2.txt', here('/open/2.txt'), '/open/cia/2.txt', '/open/%63i2.txt', '/open/ci.'])
			for (const method of ['COPY', 'MOVE'])
				t.true([400, 403].includes((await byToken(method, '/open/ci/1.txt', to)).status), `${method} ${to}`);
		const answer = await byToken('COPY', '/open/ci/1.txt', '/open/2.txt');
		t.deepEqual([answer.status, JSON.parse(answer.text).code], [403, 'token-path']);
		t.deepEqual(await inFolder('open'), before);
		t.is((await byToken('COPY', '/open/ci/1.txt', here('/open/ci/2.txt'))).status, 204);
		t.is((await byToken('MOVE', '/open/ci/1.txt', '/open/CI/../ci/3.txt')).status, 400);
		t.is((await byToken('MOVE', '/open/ci/1.txt', '/open/ci/3.txt')).status, 204);
		t.deepEqual((await inFolder('open/ci')).sort(), ['2.txt', '3.txt']);
	});

	test.serial('what the rule does not name is 405, and so is all that nobody may ask', async (t) => {
		const common = 'GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS';
		t.like(await send('PROPFIND', '/open/'), { status: 405, allow: common });
		t.like(await send('MKCOL', '/plain/a/'), { status: 405, allow: common });
		t.like(await send('MKCOL', '/nowhere/'), { status: 405, allow: common });
		t.like(await send('TRACE', '/open/'), { status: 405, allow: common });
		t.is((await send('PROPFIND', '/never')).status, 404);
		t.is((await ask('MKCOL', '/open/b/')).status, 401);
		t.like(await send('PROPFIND', '/services/session/v1/logout'), { status: 405, allow: 'POST' });
	});
}
