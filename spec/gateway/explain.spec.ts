import test from 'ava';
import { explainTo } from '../../src/app/explain.ts';
import { policyOf } from '../../src/app/policy.ts';
import { createIsOwn } from '../../src/app/portal-only.ts';
import type { IdentityName, Permission } from '../../src/core/identity.ts';
import type { NewApiToken } from '../../src/core/new-api-token.ts';
import type { DialectName } from '../../src/core/session.ts';
import { setUpApp } from '../_support/authenticator-app.ts';
import { type Client, createClient } from '../_support/client.ts';
import { assertAnswers } from '../_support/contract.ts';
import { startService, type TestService } from '../_support/service.ts';
import { startUpstream, type Upstream } from '../_support/upstream.ts';

/* Why a request passes or not: which rule decides, what is missing; and what is said is what the service then does. */

const password = 'a long enough secret';
const explainPath = '/services/auth/v1/explain';

interface Answer {
	readonly passes: boolean;
	readonly status?: number;
	readonly upstream?: string;
	readonly location?: string;
	readonly code?: string;
}
interface Explained {
	readonly passes: boolean;
	readonly why: string;
	readonly missing: readonly string[];
	readonly rule?: { readonly number: number; readonly writtenAt: string };
	readonly by: string;
	readonly answers: Readonly<Record<string, Answer>>;
}

let upstream: Upstream;
let service: TestService;
let port: number;
const people: Record<string, Client> = {};

test.before(async () => {
	upstream = await startUpstream();
	const behind = { upstream: upstream.url };
	service = await startService({
		trustedProxies: ['127.0.0.1/32'],
		portal: { url: 'https://login.example.org' },
		networks: { lan: ['10.0.0.0/8'] },
		console: { path: '/own' },
		resources: [
			{ hosts: ['wiki.example.org'], paths: ['/assets'], methods: ['GET'], access: 'public', ...behind },
			{ hosts: ['wiki.example.org'], paths: ['/admin'], from: ['lan'], permission: 'admin', xsrf: 'origin', ...behind },
			{ hosts: ['wiki.example.org'], paths: ['/admin'], access: 'denied' },
			{
				hosts: ['wiki.example.org'],
				methods: ['GET'],
				permissions: { any: ['read', 'write'] },
				xsrf: 'unsafe',
				...behind,
			},
			{ hosts: ['wiki.example.org'], permissions: { all: ['write', 'staff'] }, ...behind },
			{ hosts: ['api.example.org'], access: 'authenticated', unauthenticated: '401', ...behind },
			{ hosts: ['files.example.org'], permission: 'files', xsrf: 'unsafe' },
			{
				hosts: ['dav.example.org'],
				methods: ['GET', 'PROPFIND', 'COPY'],
				permission: 'files',
				xsrf: 'origin',
				...behind,
			},
		],
	});
	port = Number(new URL(service.url).port);
	const holders = { reader: ['read'], writer: ['write', 'staff', 'files'], root: ['kura.admin'], lent: ['admin'] };
	for (const [name, permissions] of Object.entries(holders)) {
		await service.add(name, password, { permissions });
		const visitor = createClient({ port });
		await visitor.login(name, password);
		people[name] = visitor;
	}
	people.nobody = createClient({ port });
	await service.add('fresh', password, { permissions: ['read'], mustChange: true });
	const gone = await service.add('gone', password, { permissions: ['read'] });
	await service.service.core.identities.setDisabled(gone.id, true, { actor: 'operator' });
});
test.after.always(async () => {
	await service?.close();
	upstream?.close();
});

/** Administration answers there, and nowhere else. */
const atPortal = { 'X-Forwarded-Host': 'login.example.org' };

async function explain(method: string, url: string, more: Record<string, unknown> = {}, by = 'root') {
	return (people[by] as Client).post(explainPath, { method, url, ...more }, atPortal);
}

interface Question {
	says: string;
	ask: [method: string, url: string, more?: { from?: string; as?: string; websocket?: boolean }];
	passes: boolean;
	why: RegExp;
	/** The number of the rule; absent: none decides. */
	rule?: number;
	by?: 'forward-auth' | 'latchkey';
	missing?: string[];
	/** `200` where it is passed on. */
	page?: string;
	script?: string;
	socket?: string;
}

const wiki = 'https://wiki.example.org';
const at = (address: string) => ({ from: address });
const led = `302 https://login.example.org/?return=`;

const questions: Question[] = [
	{
		says: 'a public file, for somebody who is not signed in',
		ask: ['GET', `${wiki}/assets/logo.svg`, at('192.0.2.1')],
		passes: true,
		why: /public/,
		rule: 1,
		page: '200',
		script: '200',
	},
	{
		says: 'a page, for somebody who is not signed in: led to the portal; a script is not',
		ask: ['GET', `${wiki}/start?x=1`, at('192.0.2.1')],
		passes: false,
		why: /^nobody is signed in$/,
		rule: 4,
		missing: ['a session: sign in', 'the permission read or write'],
		page: `${led}https%3A%2F%2Fwiki.example.org%2Fstart%3Fx%3D1`,
		script: '401 session-missing',
	},
	{
		says: 'from the network that the rule names, without its permission',
		ask: ['GET', `${wiki}/admin`, { ...at('10.1.2.3'), as: 'reader' }],
		passes: false,
		why: /^reader lacks admin$/,
		rule: 2,
		missing: ['the permission admin'],
		page: '403 permission-missing',
		script: '403 permission-missing',
	},
	{
		says: 'from the network that the rule names, with its permission',
		ask: ['POST', `${wiki}/admin/users`, { ...at('10.1.2.3'), as: 'lent' }],
		passes: true,
		why: /^lent holds/,
		rule: 2,
		page: '200',
		script: '200',
	},
	{
		says: 'from elsewhere: denied, to administrators too',
		ask: ['GET', `${wiki}/admin`, { ...at('192.0.2.1'), as: 'root' }],
		passes: false,
		why: /denies it to everybody/,
		rule: 3,
		page: '404 not-found',
		script: '404 not-found',
	},
	{
		says: 'all of what is lacking is named',
		ask: ['PUT', `${wiki}/start`, { ...at('192.0.2.1'), as: 'reader' }],
		passes: false,
		why: /^reader lacks write and staff$/,
		rule: 5,
		missing: ['the permission write', 'the permission staff'],
		script: '403 permission-missing',
	},
	{
		says: 'a form that cannot send the token, and a script that can',
		ask: ['POST', `${wiki}/start`, { ...at('192.0.2.1'), as: 'writer' }],
		passes: true,
		why: /^writer holds/,
		rule: 5,
		missing: ['the XSRF token, which only a script can send (xsrf: always)'],
		page: '401 xsrf-token-invalid',
		script: '200',
	},
	{
		says: 'a method of WebDAV that the rule names',
		ask: ['PROPFIND', 'https://dav.example.org/a/', { ...at('192.0.2.1'), as: 'writer' }],
		passes: true,
		why: /^writer holds/,
		rule: 8,
		script: '200',
	},
	{
		says: 'a copy to a path under the same rule',
		ask: ['COPY', 'https://dav.example.org/a', { ...at('192.0.2.1'), as: 'writer' }],
		passes: true,
		why: /^writer holds/,
		rule: 8,
		script: '200',
	},
	{
		says: 'a method of WebDAV that no rule names',
		ask: ['PROPFIND', `${wiki}/start`, at('192.0.2.1')],
		passes: false,
		why: /^the rule does not name the method/,
		rule: 5,
		script: '405 method-not-allowed',
	},
	{
		says: 'a WebSocket',
		ask: ['GET', 'wss://wiki.example.org/live', { ...at('192.0.2.1'), as: 'reader' }],
		passes: true,
		why: /^reader holds/,
		rule: 4,
		socket: '200',
	},
	{
		says: 'a rule that has no upstream, which another proxy asks about',
		ask: ['GET', 'https://files.example.org/a', { ...at('192.0.2.1'), as: 'reader' }],
		passes: false,
		why: /^reader lacks files$/,
		rule: 7,
		by: 'forward-auth',
		missing: ['the permission files'],
		page: '403 permission-missing',
		script: '403 permission-missing',
	},
	{
		says: 'a rule that has no upstream, passed',
		ask: ['GET', 'https://files.example.org/a', { ...at('192.0.2.1'), as: 'writer' }],
		passes: true,
		why: /^writer holds/,
		rule: 7,
		by: 'forward-auth',
		page: '200',
		script: '200',
	},
	{
		says: 'a rule that leads nobody',
		ask: ['GET', 'https://api.example.org/a', at('192.0.2.1')],
		passes: false,
		why: /^nobody is signed in$/,
		rule: 6,
		missing: ['a session: sign in'],
		page: '401 session-missing',
		script: '401 session-missing',
	},
	{
		says: 'a host that no rule names',
		ask: ['GET', 'https://other.example.org/', at('192.0.2.1')],
		passes: false,
		why: /^no rule matches/,
		page: '404 not-found',
		script: '404 not-found',
	},
	{
		says: 'a path with dots',
		ask: ['GET', `${wiki}/assets/%2e%2e/admin`, at('192.0.2.1')],
		passes: false,
		why: /^the path has a segment \. or \.\.$/,
		page: '400 malformed',
		script: '400 malformed',
	},
	{
		says: 'a path that Windows reads as a public one',
		ask: ['GET', `${wiki}/admin./x`, { ...at('192.0.2.1'), as: 'root' }],
		passes: false,
		why: /^some systems read this path as one of rule 3 \(\S+\): Windows cuts off/,
		page: '400 malformed',
		script: '400 malformed',
	},
	{
		says: 'a host that cannot be read in one way',
		ask: ['GET', 'https://wiki..example.org/', at('192.0.2.1')],
		passes: false,
		why: /^the host wiki\.\.example\.org can be read in several ways$/,
		page: '400 malformed',
		script: '400 malformed',
	},
	{
		says: 'a path of our own',
		ask: ['GET', `${wiki}/health/live`, at('192.0.2.1')],
		passes: false,
		why: /^Latchkey answers \/health\/live by itself/,
		by: 'latchkey',
	},
];

const short = ({ passes, status, location, code }: Answer) =>
	passes ? '200' : [status, location ?? code].filter(Boolean).join(' ');

for (const { says, ask, passes, why, rule, by = 'reverse-proxy', missing = [], page, script, socket } of questions) {
	test(says, async (t) => {
		const got = await explain(...ask);
		t.is(got.status, 200, got.text);
		assertAnswers('POST', explainPath, got.status, new Headers(got.headers as Record<string, string>), got.body);
		const explained = got.body as Explained;
		t.is(explained.passes, passes);
		t.regex(explained.why, why);
		t.is(explained.rule?.number, rule);
		if (rule !== undefined) t.regex(explained.rule?.writtenAt ?? '', /latchkey\.yaml:\d+$|^resources\.\d$/);
		t.is(explained.by, by);
		t.deepEqual(explained.missing, missing);
		const { navigation, fetch, websocket } = explained.answers;
		t.is(navigation && short(navigation), page);
		t.is(fetch && short(fetch), script);
		t.is(websocket && short(websocket), socket);
	});
}

/* The same requests, sent. */
for (const { says, ask, page, script, by } of questions) {
	const [method, url, { from = '192.0.2.1', as = 'nobody' } = {}] = ask;
	if (by !== undefined || url.startsWith('wss')) continue;
	test(`what is said of it happens: ${says}`, async (t) => {
		const [, host = '', target = ''] = /^https:\/\/([^/]*)(.*)$/.exec(url) ?? [];
		const visitor = people[as] as Client;
		const asked = { 'X-Forwarded-Host': host, 'X-Forwarded-Proto': 'https', 'X-Forwarded-For': from };
		// Sessions are of one scheme: those of this file are opened over plain http.
		if (as !== 'nobody') asked['X-Forwarded-Proto'] = 'http';
		const to = method === 'COPY' ? { Destination: `${target}-2` } : {};
		const own = { ...asked, ...to, Origin: `${asked['X-Forwarded-Proto']}://${host}`, 'Sec-Fetch-Site': 'same-origin' };
		const asScript = await visitor.send(target, { method, headers: { ...own, 'Sec-Fetch-Mode': 'cors' } });
		t.is(codeOf(asScript), script ?? '');
		if (page === undefined) return;
		const shown = { 'Sec-Fetch-Mode': 'navigate', 'Sec-Fetch-Dest': 'document', Accept: 'text/html' };
		const asPage = await visitor.withoutToken(target, { method, headers: { ...own, ...shown } });
		// A page for a person names no code.
		t.is(codeOf(asPage), asPage.text.startsWith('<') ? page.slice(0, 3) : page);
	});
}

function codeOf({ status, headers, body }: Awaited<ReturnType<Client['send']>>): string {
	return [
		status,
		headers.location?.replace(/&enter=[\w-]+$/, '') ?? (status === 200 ? undefined : (body as { code?: string }).code),
	]
		.filter(Boolean)
		.join(' ');
}

test('who could not sign in, or not yet, is told so', async (t) => {
	const ask = async (as: string) => (await explain('GET', `${wiki}/x`, { from: '::1', as })).body as Explained;
	const fresh = await ask('fresh');
	t.deepEqual([fresh.passes, fresh.why], [false, 'fresh must change the password first']);
	t.deepEqual(fresh.missing, ['a new password: change it first']);
	const gone = await ask('gone');
	t.deepEqual([gone.passes, gone.why], [false, 'gone is disabled, and cannot sign in']);
});

/** Made by an operator. The service is asked with it for real, too. */
async function tokenOf(name: string, permissions: string[], more: Partial<NewApiToken> = {}) {
	const { identities, apiTokens } = service.service.core;
	const identity = await identities.findByName(name as IdentityName);
	if (identity === undefined) throw new Error(name);
	const wanted = { name: 'CI', permissions: permissions as Permission[], expiresInMs: 60_000, endsWithPassword: false };
	const made = await apiTokens.add(identity, { ...wanted, ...more }, { actor: 'operator' });
	if (!made.ok) throw new Error(made.refusal.kind);
	return { id: made.value.token.id, text: made.value.text };
}

interface TokenQuestion {
	readonly says: string;
	readonly of: readonly [name: string, permissions: string[], more?: Partial<NewApiToken>];
	readonly ask: readonly [method: string, url: string, from?: string];
	readonly why: RegExp;
	readonly missing?: string[];
	readonly program: string;
}

const tokenQuestions: readonly TokenQuestion[] = [
	{
		says: 'what it names and its identity holds',
		of: ['writer', ['write', 'staff']],
		ask: ['DELETE', `${wiki}/start`],
		why: /^the token \w{12} of writer opens what the rule asks for$/,
		program: '200',
	},
	{
		says: 'what it does not name',
		of: ['writer', ['write']],
		ask: ['DELETE', `${wiki}/start`],
		why: /^the token \w{12} of writer lacks staff$/,
		missing: ['the permission staff in the token'],
		program: '403 permission-missing',
	},
	{
		says: 'what its identity does not hold either',
		of: ['reader', ['read']],
		ask: ['DELETE', `${wiki}/start`],
		why: /^the token \w{12} of reader lacks write and staff$/,
		missing: ['the permission write, of reader', 'the permission staff, of reader'],
		program: '403 permission-missing',
	},
	{
		says: 'from a network that it is not taken from',
		of: ['reader', ['read'], { networks: ['10.0.0.0/8'] }],
		ask: ['GET', `${wiki}/start`],
		why: /^the token \w{12} of reader is not taken from 192\.0\.2\.1, or has ended with/,
		program: '401 token-invalid',
	},
	{
		says: 'a path that it does not open',
		of: ['reader', ['read'], { paths: ['/other'] }],
		ask: ['GET', `${wiki}/start`],
		why: /path/,
		program: '403 token-path',
	},
	{
		says: 'a rule without an upstream, where another proxy asks',
		of: ['writer', ['files']],
		ask: ['POST', 'https://files.example.org/a'],
		why: /opens what the rule asks for$/,
		program: '200',
	},
	{
		says: 'what is for everybody who is signed in',
		of: ['reader', []],
		ask: ['GET', 'https://api.example.org/a'],
		why: /^the token \w{12} of reader is taken$/,
		program: '200',
	},
	{
		says: 'of somebody who is not signed in, and does not need to be: must change the password',
		of: ['fresh', ['read']],
		ask: ['GET', `${wiki}/start`],
		why: /^the token \w{12} of fresh opens/,
		program: '200',
	},
];

for (const { says, of, ask, why, missing = [], program } of tokenQuestions) {
	test(`asked with a token: ${says}; and so it happens`, async (t) => {
		const [method, url, from = '192.0.2.1'] = ask;
		const { id, text } = await tokenOf(...of);
		const got = await explain(method, url, { from, token: id });
		t.is(got.status, 200, got.text);
		assertAnswers('POST', explainPath, got.status, new Headers(got.headers as Record<string, string>), got.body);
		const explained = got.body as Explained;
		t.regex(explained.why, why);
		t.deepEqual(explained.missing, missing);
		t.deepEqual(Object.keys(explained.answers), ['program']);
		t.is(short(explained.answers.program as Answer), program);
		t.is(explained.passes, program === '200');
		t.false(got.text.includes('lk_'));
		const named = await explain(method, url, { from, token: id, as: of[0] });
		t.deepEqual(named.body, explained);

		const { host, pathname } = new URL(url);
		const target = explained.by === 'forward-auth' ? '/services/auth/v1/verify' : pathname;
		const sent = await createClient({ port }).send(target, {
			method: explained.by === 'forward-auth' ? 'GET' : method,
			headers: {
				...{ 'X-Forwarded-Host': host, 'X-Forwarded-Proto': 'https', 'X-Forwarded-For': from },
				...(explained.by === 'forward-auth' && { 'X-Forwarded-Method': method, 'X-Forwarded-Uri': pathname }),
				Authorization: `Bearer ${text}`,
			},
		});
		t.is(codeOf(sent), program);
	});
}

test('a token that has ended, or has expired, or is of somebody who is disabled, is told so', async (t) => {
	const { core } = service.service;
	const why = async (id: string) => (await explain('GET', `${wiki}/x`, { from: '::1', token: id })).body as Explained;
	const brief = await tokenOf('reader', ['read'], { expiresInMs: 1 });
	for (const until = Date.now() + 5000; Date.now() < until; ) {
		if (/ has expired$/.test((await why(brief.id)).why)) break;
	}
	t.regex((await why(brief.id)).why, /^the token \w{12} of reader has expired$/);
	const leaver = await service.add('leaver', password, { permissions: ['read'] });
	const theirs = await tokenOf('leaver', ['read'], { endsWithPassword: true });
	await core.identities.requirePasswordChange(leaver.id, { actor: 'operator' });
	t.regex((await why(theirs.id)).why, /of leaver has ended, with its identity or with a change of the password$/);
	const ended = await tokenOf('reader', ['read']);
	await core.apiTokens.end(ended.id, undefined, { actor: 'operator' });
	const none = await explain('GET', `${wiki}/x`, { from: '::1', token: ended.id });
	t.is(none.status, 400);
	t.like(none.body, { message: 'token: there is none, or it has ended' });
	const uses = await core.apiTokens.list(undefined);
	t.true(
		uses.filter(({ id }) => id === brief.id || id === theirs.id).every(({ lastUsedAt }) => lastUsedAt === undefined),
	);
});

test('a token is asked about by its id, and of whom it is; a key of Kismet is none', async (t) => {
	const { id, text } = await tokenOf('reader', ['read']);
	const wrong: [Record<string, unknown>, RegExp][] = [
		[{ token: text }, /must be the id of a token, and not what it shows/],
		[{ token: 'aaaaaaaaaaaa' }, /^token: there is none, or it has ended$/],
		[{ token: id, as: 'writer' }, /^token: there is none, or it has ended$/],
		[
			{ token: (await tokenOf('reader', ['read'], { dialect: 'kismet' as DialectName })).id },
			/^token: is a key of kismet/,
		],
	];
	for (const [more, message] of wrong) {
		const got = await explain('GET', `${wiki}/`, { from: '::1', ...more });
		t.is(got.status, 400);
		t.regex((got.body as { message: string }).message, message);
		t.false(got.text.includes(text.slice(16)));
	}
});

test('a rule that looks at addresses wants to know one, and only where it could hold', async (t) => {
	const { passes, why, answers } = (await explain('GET', `${wiki}/admin/x`)).body as Explained;
	t.deepEqual([passes, answers], [false, {}]);
	t.regex(why, /address of the client/);
	const elsewhere = (await explain('GET', `${wiki}/assets/x`)).body as Explained;
	t.deepEqual([elsewhere.passes, elsewhere.rule?.number], [true, 1]);
});

test('what is no question is 400, and says what is wrong', async (t) => {
	const wrong: [string, string, Record<string, unknown>, RegExp][] = [
		['GET', '/admin', {}, /^url: must be http:\/\/HOST\/PATH or https:\/\/HOST\/PATH$/],
		['GET', 'ftp://wiki.example.org/', {}, /^url: /],
		['GET', 'https://ada@wiki.example.org/', {}, /^url: names a user$/],
		['GRAB', `${wiki}/`, {}, /^method: /],
		['CONNECT', `${wiki}/`, {}, /^method: /],
		['GET', `${wiki}/`, { from: 'home' }, /^from: must be an address$/],
		['GET', `${wiki}/`, { as: 'stranger' }, /^as: there is no such identity$/],
		['POST', `wss://wiki.example.org/`, {}, /^websocket: is opened by GET$/],
		['GET', `${wiki}/`, { As: 'ada' }, /Unrecognized key/],
	];
	for (const [method, url, more, message] of wrong) {
		const got = await explain(method, url, more);
		t.is(got.status, 400, url);
		t.regex((got.body as { message: string }).message, message);
	}
});

test.serial('administrators ask, and nobody else; and nothing is left of the question', async (t) => {
	t.is((await explain('GET', `${wiki}/x`, at('::1'), 'nobody')).status, 401);
	t.is((await explain('GET', `${wiki}/x`, at('::1'), 'writer')).status, 403);
	const body = JSON.stringify({ method: 'GET', url: `${wiki}/x` });
	t.is((await people.root!.withoutToken(explainPath, { method: 'POST', headers: atPortal, body })).status, 401);
	const reached = upstream.reached.length;
	const before = service.audit().length;
	const sessions = async () => (await service.service.core.sessions.list(undefined, 1000)).length;
	const open = await sessions();
	t.is((await explain('POST', `${wiki}/admin`, { from: '10.1.2.3', as: 'lent' })).status, 200);
	t.is((await explain('POST', `${wiki}/admin`, { from: '10.1.2.3', as: 'reader' })).status, 200);
	t.deepEqual([upstream.reached.length, service.audit().length, await sessions()], [reached, before, open]);
});

test('the command line knows which paths are our own, and on which hosts', (t) => {
	const isOwn = createIsOwn(service.config);
	const portal = 'login.example.org';
	const onPortalOnly = ['/own/', '/own/console/a.js', explainPath, '/services/session/v1/identities'];
	for (const path of ['/health/live', '/services/session/v1/xsrfToken']) t.true(isOwn('wiki.example.org', path), path);
	for (const path of onPortalOnly) t.deepEqual([isOwn(portal, path), isOwn('wiki.example.org', path)], [true, false]);
	for (const path of ['/', '/services/auth/v1/explained', '/ownership', '/health']) t.false(isOwn(portal, path), path);
});

/** Each identity as it really signs in, where everybody must have a second factor. */
test('a second factor that is required, and an identity of a service, are told of; and so it happens', async (t) => {
	const rule = (path: string, more = {}) => ({
		path,
		permission: 'read',
		xsrf: 'unsafe',
		upstream: upstream.url,
		...more,
	});
	const strict = await startService({
		secondFactor: { required: 'everybody' },
		resources: [rule('/sure', { assuranceLevel: 2 }), rule('/')],
		console: { path: '/own' },
	});
	t.teardown(() => strict.close());
	const visitor = () => createClient({ port: Number(new URL(strict.url).port) });
	const [root, lone, careful] = [visitor(), visitor(), visitor()];
	const { identities, apiTokens } = strict.service.core;
	for (const [name, permissions, browser] of [
		['root', ['kura.admin'], root],
		['lone', ['read'], lone],
		['careful', ['read'], careful],
	] as const) {
		await strict.add(name, password, { permissions: [...permissions] });
		await browser.login(name, password);
		if (browser !== lone) await setUpApp(browser);
	}
	const wanted = { name: 'robot' as IdentityName, permissions: ['read' as Permission], passwordChangeNeeded: false };
	const robot = await identities.add({ ...wanted, service: true, policy: false }, { actor: 'operator' });
	if (!robot.ok) throw new Error(robot.refusal.kind);
	const given = { name: 'CI', permissions: wanted.permissions, expiresInMs: 60_000, endsWithPassword: false };
	const token = await apiTokens.add(robot.value, given, { actor: 'operator' });
	if (!token.ok) throw new Error(token.refusal.kind);

	const ask = async (path: string, who: object) => {
		const got = await root.post(explainPath, { method: 'GET', url: `${strict.url}${path}`, ...who });
		t.is(got.status, 200, got.text);
		const { passes, why, missing, answers } = got.body as Explained;
		return [passes, why, missing, short((answers.fetch ?? answers.program) as Answer)];
	};
	const script = { 'Sec-Fetch-Mode': 'cors', 'Sec-Fetch-Site': 'same-origin', Accept: '*/*' };
	const codeFor = async (browser: Client, path: string) => codeOf(await browser.send(path, { headers: script }));
	const lacks = ['a second factor: set one up first'];
	for (const path of ['/x', '/sure']) {
		const code = await codeFor(lone, path);
		t.deepEqual(await ask(path, { as: 'lone' }), [false, 'A second factor must be set up first', lacks, code]);
		const passed = await codeFor(careful, path);
		t.deepEqual(await ask(path, { as: 'careful' }), [
			true,
			'careful holds what the rule asks for',
			[],
			passed || '200',
		]);
	}
	const out = 'robot is of a service: ask with its token';
	t.deepEqual(await ask('/x', { as: 'robot' }), [false, out, ['an API token'], '401 session-missing']);
	t.like(await ask('/x', { token: token.value.token.id }), [true]);
});

test('where there are no sessions, what is shown for one request carries no second factor', async (t) => {
	const settings = { auth: { sessions: false, basic: true, totp: true }, trustedProxies: ['127.0.0.1/32'] };
	const resources = [{ path: '/', permission: 'read', upstream: upstream.url }];
	const asked = { method: 'GET', url: 'http://localhost/x' };
	for (const [required, level, passes] of [
		['nobody', 1, true],
		['nobody', 2, false],
		['everybody', 1, false],
	] as const) {
		const bare = await startService({
			...settings,
			resources,
			secondFactor: { required },
			console: { enabled: false },
		});
		t.teardown(() => bare.close());
		const { config } = bare;
		const identity = await bare.add('ada', password, { permissions: ['read'] });
		const around = { isOwn: createIsOwn(config), levelOf: async () => level };
		const explained = await explainTo(config, () => policyOf(config, undefined), around)(asked, { identity });
		t.is('passes' in explained && explained.passes, passes, JSON.stringify(explained));
	}
});
