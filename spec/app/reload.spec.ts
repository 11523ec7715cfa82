import { once } from 'node:events';
import { mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync, unlinkSync, writeFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import WebSocket, { WebSocketServer } from 'ws';
import { describedRules } from '../../src/app/described-rules.ts';
import { followFile } from '../../src/app/follow-file.ts';
import { loadConfig } from '../../src/config/read.ts';
import { createClient } from '../_support/client.ts';
import { createHandClock } from '../_support/hand-clock.ts';
import { until } from '../_support/server.ts';
import { startService, type TestService } from '../_support/service.ts';
import { startUpstream } from '../_support/upstream.ts';
import { lookAtWebSocket } from '../_support/websocket-looks.ts';

/* A changed configuration file: the rules in it count from then on, or the old ones stay and it is said why. */

/** Follows a file by hand; `takes()`: whether the next look takes it, after it has stayed as it is for a second or more. */
function follow(t: ExecutionContext, file: string) {
	const clock = createHandClock();
	let reads = 0;
	const following = followFile({
		...{ file, clock },
		read() {
			reads += 1;
		},
	});
	t.teardown(following.stop);
	const look = () => {
		const before = reads;
		following.look();
		return reads > before;
	};
	return {
		...{ clock, look, following },
		takes() {
			look();
			clock.wind(1000);
			return look();
		},
	};
}

function newFolder(t: ExecutionContext): string {
	const folder = mkdtempSync(join(tmpdir(), 'latchkey-reload-'));
	t.teardown(() => rmSync(folder, { recursive: true }));
	return folder;
}

test('a file that is written in several steps is not taken before the last one', (t) => {
	const file = join(newFolder(t), 'latchkey.yaml');
	writeFileSync(file, 'whole: 1\n');
	const { clock, look, takes } = follow(t, file);
	t.true(takes(), 'the first look: it may have changed since the start began');
	t.false(takes(), 'the same again');
	for (const half of ['', 'who', 'whole:']) {
		writeFileSync(file, half);
		t.false(look(), half);
		clock.wind(999);
		t.false(look(), half);
	}
	writeFileSync(file, 'whole: 2\n');
	t.false(look());
	clock.wind(1000);
	t.true(look());
	t.false(takes());
});

test('a file that is renamed over it, and one behind a link that leads elsewhere from now on, are seen', (t) => {
	const folder = newFolder(t);
	const file = join(folder, 'plain.yaml');
	writeFileSync(file, 'a: 1\n');
	const plain = follow(t, file);
	t.true(plain.takes());
	writeFileSync(`${file}.new`, 'a: 2\n');
	renameSync(`${file}.new`, file);
	t.true(plain.takes());

	// As Kubernetes mounts a ConfigMap: latchkey.yaml → ..data/latchkey.yaml, ..data → ..1; then ..data is renamed over.
	for (const version of ['1', '2']) {
		mkdirSync(join(folder, `..${version}`));
		writeFileSync(join(folder, `..${version}`, 'latchkey.yaml'), `a: ${version}\n`);
	}
	symlinkSync('..1', join(folder, '..data'));
	symlinkSync('..data/latchkey.yaml', join(folder, 'latchkey.yaml'));
	const mounted = follow(t, join(folder, 'latchkey.yaml'));
	t.true(mounted.takes());
	t.false(mounted.takes());
	symlinkSync('..2', join(folder, '..data_tmp'));
	renameSync(join(folder, '..data_tmp'), join(folder, '..data'));
	t.true(mounted.takes());

	unlinkSync(file);
	t.true(plain.takes(), 'that it is gone is to be told');
});

test('a signal takes it again, and what changes meanwhile is not the same any more', (t) => {
	const file = join(newFolder(t), 'latchkey.yaml');
	writeFileSync(file, 'a: 1\n');
	const { clock, look, takes, following } = follow(t, file);
	t.true(takes());
	t.true(following.isSame());
	writeFileSync(file, 'a: 23\n');
	t.false(following.isSame());
	t.true(takes());
	following.lookNow();
	t.false(look(), 'it was taken by the signal itself');
	writeFileSync(file, 'a: 456\n');
	following.lookNow();
	clock.wind(1000);
	t.true(look(), 'a signal waits, too, until the file is whole');
});

const password = 'a long enough secret';

async function started(t: ExecutionContext, settings: Record<string, unknown>) {
	const service = await startService({ console: { path: '/own' }, metrics: { port: 0 }, ...settings });
	t.teardown(service.close);
	const visitor = createClient({ port: Number(new URL(service.url).port) });
	await service.add('ada', password, { permissions: ['a'] });
	await visitor.login('ada', password);
	const file = join(service.folder, 'latchkey.yaml');
	/** Writes another file in its place, and waits for the line that says what has become of it. */
	async function change(yaml: string, message: RegExp) {
		const from = service.lines.length;
		writeFileSync(`${file}.new`, yaml);
		renameSync(`${file}.new`, file);
		service.service.reload();
		return until(async () => {
			const line = service.lines.slice(from).find(({ msg }) => message.test(String(msg)));
			if (line === undefined) throw new Error(`nothing was said: ${JSON.stringify(service.lines.slice(from))}`);
			return line;
		});
	}
	return { service, visitor, file, change };
}

const inForce = /^the rules were read again/;
const refused = /^the configuration cannot be used/;
const common = 'http: { port: 0 }\nconsole: { path: /own }\nmetrics: { port: 0 }\n';

async function failuresOf({ service }: TestService): Promise<number | undefined> {
	const all = await service.metrics();
	return all.find(({ name }) => name === 'latchkey_config_reload_failures_total')?.values[0]?.value;
}

test('new rules count for all that comes from then on, and the audit has a line of it', async (t) => {
	const upstream = await startUpstream();
	t.teardown(upstream.close);
	const rule = (path: string, permission: string) => ({ path, permission, xsrf: 'unsafe', upstream: upstream.url });
	const { service, visitor, change, file } = await started(t, { resources: [rule('/x', 'b')] });
	const statusOf = async (path: string) => (await visitor.send(path)).status;
	t.deepEqual([await statusOf('/x'), await statusOf('/y')], [403, 404]);

	const written = (...rules: object[]) =>
		`${common}resources:\n${rules.map((each) => `  - ${JSON.stringify(each)}\n`).join('')}`;
	const told = await change(written(rule('/x', 'a'), rule('/y', 'b')), inForce);
	t.deepEqual([await statusOf('/x'), await statusOf('/y')], [200, 403]);
	const { digest } = describedRules(loadConfig({ file, env: {} }).config);
	t.like(told, { level: 'info', rules: 2, digest });
	const audited = service.audit().filter(({ act }) => act === 'rules-change');
	t.is(audited.length, 1);
	t.like(audited[0], { outcome: 'ok', digest });
	t.is(await failuresOf(service), 0);

	// Where sign-in pages are is part of it; what is kept for the whole run is not.
	const portal =
		'portal: { url: "https://login.example.org" }\nsession: { inactivityInterval: 77 }\nlog: { level: debug }\n';
	const waiting = await change(`${portal}${written(rule('/x', 'a'))}`, /need a restart/);
	t.deepEqual([...(waiting.keys as string[])].sort(), [
		'log.level',
		'passwordHash.memory',
		'session.inactivityInterval',
	]);
	const page = { Accept: 'text/html', 'Sec-Fetch-Mode': 'navigate' };
	const stranger = createClient({ port: Number(new URL(service.url).port) });
	const led = await stranger.send('/x', { headers: page });
	t.is(led.status, 302);
	t.regex(String(led.headers.location), /^https:\/\/login\.example\.org\/\?return=/);
});

const bad: { says: string; yaml: string; line: RegExp }[] = [
	{ says: 'no YAML', yaml: `${common}resources: [\n`, line: /latchkey\.yaml:\d: / },
	{ says: 'half a rule', yaml: `${common}resources:\n  - { path: /x, perm`, line: /latchkey\.yaml:5: / },
	{ says: 'nothing at all', yaml: '', line: /latchkey\.yaml: is empty$/ },
	{
		says: 'an unknown key',
		yaml: `${common}resourcs: []\n`,
		line: /latchkey\.yaml:4: resourcs: there is no such key \(did you mean resources\?\)$/,
	},
	{
		says: 'a rule that can never match',
		yaml: `${common}resources:\n  - { path: /, access: denied }\n  - { path: /x, permission: a }\n`,
		line: /latchkey\.yaml:6: resources\.1: can never match: resources\.0 \(.*latchkey\.yaml:5\)/,
	},
	{
		says: 'a setting of something else',
		yaml: `${common}session: { inactivityInterval: soon }\n`,
		line: /latchkey\.yaml:4: session\.inactivityInterval: expected number/,
	},
];

test('what cannot be used leaves the rules as they are, is told with file and line, and counted', async (t) => {
	const upstream = await startUpstream();
	t.teardown(upstream.close);
	const { service, visitor, change } = await started(t, {
		resources: [{ path: '/x', permission: 'a', xsrf: 'unsafe', upstream: upstream.url }],
	});
	for (const [at, { says, yaml, line }] of bad.entries()) {
		const told = await change(yaml, refused);
		const problems = told.problems as string[];
		t.is(told.level, 'error', says);
		t.true(
			problems.some((each) => line.test(each)),
			`${says}: ${problems.join('; ')}`,
		);
		t.is((await visitor.send('/x')).status, 200, says);
		t.is(await failuresOf(service), at + 1, says);
	}
	t.deepEqual(
		service.audit().filter(({ act }) => act === 'rules-change'),
		[],
	);
	await change(`${common}resources: [{ path: /x, permission: b, upstream: "${upstream.url}" }]\n`, inForce);
	t.is((await visitor.send('/x')).status, 403, 'and a good one after it is taken');
});

const sockets: { says: string; from: string; to: string; stays: boolean }[] = [
	{ says: 'the same rule in another line', from: 'permission: a', to: 'permissions: { any: [a, b] }', stays: true },
	{ says: 'a permission that is not held', from: 'permission: a', to: 'permission: b', stays: false },
	{ says: 'denied', from: 'permission: a', to: 'access: denied', stays: false },
	{ says: 'another network', from: 'permission: a', to: 'permission: a, from: [10.0.0.0/8]', stays: false },
	{ says: 'public, and not any more', from: 'access: public', to: 'permission: a', stays: false },
	{ says: 'public from now on', from: 'permissions: { all: [a] }', to: 'access: public', stays: true },
];

test.serial('open WebSockets are judged by the new rules', async (t) => {
	const server = new WebSocketServer({ port: 0, host: '127.0.0.1' });
	await once(server, 'listening');
	t.teardown(() => server.close());
	const upstream = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
	const { service, visitor, change } = await started(t, {});
	const write = (access: string) =>
		change(`${common}resources:\n  - { path: /x, xsrf: unsafe, ${access}, upstream: "${upstream}" }\n`, inForce);
	for (const { says, from, to, stays } of sockets) {
		await write(from);
		const socket = new WebSocket(`${service.url.replace('http', 'ws')}/x`, { headers: { Cookie: visitor.cookies() } });
		await once(socket, 'open');
		lookAtWebSocket();
		await write(to);
		const closed = once(socket, 'close');
		lookAtWebSocket();
		const pong = once(socket, 'pong').then(() => 'open');
		socket.ping();
		const is = await Promise.race([closed.then(() => 'closed'), pong]);
		if (!stays) await closed;
		t.is(stays ? is : 'closed', stays ? 'open' : 'closed', says);
		socket.terminate();
	}
});
