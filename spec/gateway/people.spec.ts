import type { IncomingMessage, ServerResponse } from 'node:http';
import test, { type ExecutionContext } from 'ava';
import Koa from 'koa';
import type { IdentityName, Permission } from '../../src/core/identity.ts';
import { StoreUnavailable } from '../../src/core/stores.ts';
import { createPeople } from '../../src/gateway/people.ts';
import { plainAnswers } from '../../src/http/response/default-answers.ts';
import { html } from '../../src/http/response/html.ts';
import { Page } from '../../src/http/response/page.ts';
import type { No } from '../../src/http/response/refusals.ts';
import { type Answer, type Client, createClient } from '../_support/client.ts';
import { startService, type TestService } from '../_support/service.ts';
import { startUpstream, type Upstream } from '../_support/upstream.ts';

/*
 * What people see who may not see what they asked for: small pages. Programs get JSON, as before.
 */

const password = 'a long enough secret';
const tab = {
	'Sec-Fetch-Mode': 'navigate',
	'Sec-Fetch-Dest': 'document',
	'Sec-Fetch-Site': 'none',
	Accept: 'text/html',
};
const frame = { ...tab, 'Sec-Fetch-Dest': 'iframe', 'Sec-Fetch-Site': 'same-origin' };
const form = { ...tab, 'Sec-Fetch-Site': 'same-origin', 'Content-Type': 'application/x-www-form-urlencoded' };
const script = { 'Sec-Fetch-Mode': 'cors', 'Sec-Fetch-Dest': 'empty', 'Sec-Fetch-Site': 'same-origin', Accept: '*/*' };
const programs = [
	script,
	{ Accept: '*/*' },
	{ ...tab, 'X-Requested-With': 'XMLHttpRequest' },
	{ Accept: 'application/json' },
];
/** As an identity, and in a path. */
const evil = '<img src=x onerror="alert(1)">';

let upstream: Upstream;
let service: TestService;
let ada: Client;
let mallory: Client;

test.before(async () => {
	upstream = await startUpstream((_, res) => void res.end('inside'));
	const gone = await startUpstream();
	gone.close();
	const at = (path: string, more: object = {}) => ({
		...{ path, permission: 'ops.admin', xsrf: 'unsafe', upstream: upstream.url },
		...more,
	});
	service = await startService({
		trustedProxies: ['127.0.0.1'],
		resources: [
			at('/admin'),
			at('/always', { xsrf: 'always' }),
			at('/two', { permission: undefined, permissions: { any: ['ops.read', 'ops.admin'] } }),
			at('/gone', { permission: undefined, access: 'public', upstream: gone.url }),
			at('/closed', { permission: undefined, access: 'denied' }),
		],
	});
	await service.add('ada', password);
	await service.add(evil, password);
	ada = visitor(service);
	await ada.login('ada', password);
	mallory = visitor(service);
	await mallory.login(evil, password);
});
test.after.always(async () => {
	await service.close();
	upstream.close();
});

function visitor({ url }: TestService): Client {
	return createClient({ port: Number(new URL(url).port) });
}

const host = () => `localhost:${new URL(service.url).port}`;

/** A page of ours, which nothing can be done in but to follow its link. */
function assertPage(t: ExecutionContext, { status, headers, text }: Answer, expected: number) {
	t.is(status, expected);
	t.is(headers['content-type'], 'text/html; charset=utf-8');
	t.is(headers['cache-control'], 'no-store');
	t.is(headers['x-content-type-options'], 'nosniff');
	t.is(headers['referrer-policy'], 'no-referrer');
	t.regex(
		String(headers['content-security-policy']),
		/^default-src 'none'; style-src 'sha256-[\w+/]{43}='; form-action 'none'; base-uri 'none'(; frame-ancestors 'none')?$/,
	);
	t.truthy(headers['x-request-id']);
	t.regex(text, /^<!doctype html>\n<html lang="en" dir="ltr">/);
	t.regex(String(headers.vary), /Accept-Language/);
	t.notRegex(text, /<script|<img|<[^>]*\s(on\w+|style)=|javascript:|https?:\/\/(?!localhost|127)/i);
}

test('who is signed in and may not is told who and what, and can be somebody else', async (t) => {
	const answer = await ada.withoutToken('/admin/d/7?x=1&y="', { headers: tab });
	assertPage(t, answer, 403);
	t.regex(answer.text, /<h1>Not allowed<\/h1>/);
	t.regex(answer.text, /Signed in as <strong>ada<\/strong>\./);
	t.regex(answer.text, /The permission <code>ops\.admin<\/code> is needed\./);
	const [, link = ''] = /href="([^"]*)"/.exec(answer.text) ?? [];
	const url = new URL(link.replaceAll('&amp;', '&'));
	t.is(url.origin, `http://${host()}`);
	t.deepEqual(
		[...url.searchParams],
		[
			['return', `http://${host()}/admin/d/7?x=1&y=%22`],
			['switch', ''],
		],
	);
	t.regex((await ada.withoutToken('/two', { headers: tab })).text, /<code>ops\.read or ops\.admin<\/code>/);
});

test('names and paths are text in it', async (t) => {
	const named = await mallory.withoutToken('/admin', { headers: tab });
	assertPage(t, named, 403);
	t.true(named.text.includes('<strong>&lt;img src=x onerror=&quot;alert(1)&quot;&gt;</strong>'));
	for (const path of [
		`/admin/${encodeURIComponent(evil)}`,
		`/admin?q=${evil.replaceAll(' ', '+')}`,
		'/admin?"><script>',
	]) {
		assertPage(t, await ada.withoutToken(path, { headers: tab }), 403);
	}
	const forged = { ...tab, 'X-Forwarded-Host': '"><script>alert(1)</script>' };
	assertPage(t, await ada.withoutToken('/admin', { headers: forged }), 403);
	const elsewhere = await ada.withoutToken('/admin', { headers: { ...tab, 'X-Forwarded-Host': 'a@evil.example' } });
	t.notRegex(elsewhere.text, /evil/);
});

test('a page is in the language that the browser asks for, and in English where it asks for none of ours', async (t) => {
	const cases = [
		['de-CH, de;q=0.9, en;q=0.5', 'de', 'Nicht erlaubt'],
		['nl, fr;q=0.2, en;q=0.1', 'fr', 'Non autorisé'],
		['it', 'it', 'Non consentito'],
		['es-MX', 'es', 'No permitido'],
		['ja', 'ja', '許可されていません'],
		['nl', 'en', 'Not allowed'],
		[';;q=,"', 'en', 'Not allowed'],
	] as const;
	for (const [asked, language, title] of cases) {
		const { text } = await ada.withoutToken('/admin', { headers: { ...tab, 'Accept-Language': asked } });
		t.true(text.includes(`<html lang="${language}" dir="ltr">`), asked);
		t.true(text.includes(`<h1>${title}</h1>`), asked);
	}
});

test('programs get JSON, as before', async (t) => {
	for (const headers of programs) {
		for (const [path, status, code] of [
			['/admin', 403, 'permission-missing'],
			['/nowhere', 404, 'not-found'],
			['/gone', 502, 'bad-gateway'],
		] as const) {
			const answer = await ada.withoutToken(path, { headers });
			t.is(answer.status, status);
			t.is((answer.body as { code: string }).code, code);
			t.is(answer.headers['content-security-policy'], "default-src 'none'; frame-ancestors 'none'; base-uri 'none'");
		}
	}
	const posted = await ada.withoutToken('/nowhere', { method: 'POST', headers: script, json: {} });
	t.is((posted.body as { code: string }).code, 'not-found');
});

test('what is not there, what is closed, and what cannot be reached', async (t) => {
	const nobody = visitor(service);
	for (const path of ['/nowhere', '/closed', '/services/session/v1/nothing']) {
		const answer = await nobody.send(path, { headers: tab });
		assertPage(t, answer, 404);
		t.regex(answer.text, /There is no page at this address\./);
		t.notRegex(answer.text, /href/);
	}
	const gone = await nobody.send('/gone', { headers: tab });
	assertPage(t, gone, 502);
	t.is(gone.headers['retry-after'], '5');
	t.regex(gone.text, /<a class="button" href="">Try again<\/a>/);
	t.true(gone.text.includes(`Reference ${gone.headers['x-request-id']}`));
	const sent = await nobody.send('/gone', { method: 'POST', headers: form, body: 'a=b' });
	assertPage(t, sent, 502);
	t.notRegex(sent.text, /href/, 'to ask for it by GET would not send it again');
	t.regex(sent.text, /not known whether/);
	t.is((await nobody.send('/gone', { method: 'HEAD', headers: tab })).text, '');
	assertPage(t, await nobody.send('/admin/..;/x', { headers: tab }), 400);
});

test('a form that a page of another site sends', async (t) => {
	const headers = { ...form, 'Sec-Fetch-Site': 'cross-site', Origin: 'https://evil.example' };
	const answer = await ada.withoutToken('/admin', { method: 'POST', headers, body: 'a=b' });
	assertPage(t, answer, 403);
	t.regex(answer.text, /another site/);
	t.notRegex(answer.text, /ada|ops\.admin/);
});

test('a form without the XSRF token that its rule asks for, and a page', async (t) => {
	await service.add('eve', password, { permissions: ['ops.admin'] });
	const eve = visitor(service);
	await eve.login('eve', password);
	const sent = await eve.withoutToken('/admin', { method: 'POST', headers: form, body: 'a=b' });
	assertPage(t, sent, 401);
	t.regex(sent.text, /<code>xsrf: origin<\/code>/);
	t.notRegex(sent.text, /href/);
	assertPage(t, await eve.withoutToken('/always', { headers: tab }), 401);
	const call = await eve.withoutToken('/admin', { method: 'POST', headers: script, json: {} });
	t.is((call.body as { code: string }).code, 'xsrf-token-invalid');
});

test('a store that is away is a page to people, and no redirect', async (t) => {
	const other = await startService({
		resources: [{ path: '/app', permission: 'p', xsrf: 'unsafe', upstream: upstream.url }],
	});
	t.teardown(() => other.close());
	await other.add('ada', password, { permissions: ['p'] });
	const here = visitor(other);
	await here.login('ada', password);
	Object.assign(other.service.core.sessions, {
		check: () => Promise.reject(new StoreUnavailable('away', { cause: undefined })),
	});
	const answer = await here.withoutToken('/app', { headers: tab });
	assertPage(t, answer, 503);
	t.is(answer.headers['retry-after'], '1');
	t.is(answer.headers.location, undefined);
	t.regex(answer.text, /Try again/);
	t.is(((await here.withoutToken('/app', { headers: script })).body as { code: string }).code, 'unavailable');
});

test('in a frame nobody is led: a page that opens a tab; it may be framed, and nothing else is weaker', async (t) => {
	const nobody = visitor(service);
	for (const site of ['same-origin', 'cross-site']) {
		const answer = await nobody.send('/admin/d', { headers: { ...frame, 'Sec-Fetch-Site': site } });
		assertPage(t, answer, 401);
		t.notRegex(String(answer.headers['content-security-policy']), /frame-ancestors/);
		t.regex(answer.text, /<a class="button" href="" target="_blank" rel="noopener">Open in a new tab<\/a>/);
		t.is(new URL(String(answer.headers['latchkey-login'])).searchParams.get('return'), `http://${host()}/admin/d`);
		t.is(answer.headers.location, undefined);
	}
	const denied = await ada.withoutToken('/admin', { headers: frame });
	assertPage(t, denied, 403);
	t.regex(denied.text, /target="_blank" rel="noopener">Sign in as somebody else/);
	const alone = await nobody.send('/nowhere', { headers: tab });
	t.regex(String(alone.headers['content-security-policy']), /frame-ancestors 'none'$/);
});

const verify = '/services/auth/v1/verify';
const asking = (uri: string, more: object = {}) => ({
	'X-Forwarded-Host': 'localhost:9',
	'X-Forwarded-Proto': 'http',
	'X-Forwarded-Method': 'GET',
	'X-Forwarded-Uri': uri,
	...more,
});

test('where a proxy passes every answer on, its people see the pages, and the code stays', async (t) => {
	const denied = await ada.withoutToken(`${verify}?answer=302`, { headers: { ...tab, ...asking('/admin/d?x=1') } });
	assertPage(t, denied, 403);
	t.true(denied.text.includes(`return=${encodeURIComponent('http://localhost:9/admin/d?x=1')}&amp;switch"`));
	for (const uri of ['/nowhere', '/closed']) {
		assertPage(t, await ada.withoutToken(`${verify}?answer=302`, { headers: { ...tab, ...asking(uri) } }), 403);
	}
	const framed = await visitor(service).send(`${verify}?answer=302`, { headers: { ...frame, ...asking('/admin') } });
	assertPage(t, framed, 401);
	const call = await ada.withoutToken(`${verify}?answer=302`, { headers: { ...script, ...asking('/admin') } });
	t.is((call.body as { code: string }).code, 'permission-missing');
});

test('nginx gets what it understands; a stranger is shown no page', async (t) => {
	const asked = await ada.withoutToken(verify, { headers: { ...tab, ...asking('/admin') } });
	t.is(asked.status, 403);
	t.is((asked.body as { code: string }).code, 'permission-missing');
	const stranger = createClient({ port: Number(new URL(service.url).port), from: '127.0.0.2' });
	const other = await stranger.send(`${verify}?answer=302`, { headers: { ...tab, ...asking('/admin') } });
	t.is(other.status, 403);
	t.is((other.body as { code: string }).code, 'forwarded-request-unclear');
});

const refusals: No[] = [
	{ kind: 'permission-missing', permission: 'p' as Permission, identity: 'ada' as IdentityName },
	{ kind: 'cross-site' },
	{ kind: 'worker-scope' },
	{ kind: 'xsrf-token-mismatch' },
	{ kind: 'not-found' },
	{ kind: 'forwarded-request-unclear' },
	{ kind: 'malformed', because: 'the path is <b>ambiguous</b>' },
	{ kind: 'too-many-attempts', retryAfterMs: 5000 },
	{ kind: 'bad-gateway' },
	{ kind: 'gateway-timeout' },
	{ kind: 'unavailable', requestId: 'r' },
	{ kind: 'unexpected', requestId: 'r' },
];
const koa = new Koa();
for (const no of refusals) {
	test(`${no.kind}: the page has the status and the headers of the answer to a program, and words`, (t) => {
		const people = createPeople({ switchUrl: () => undefined });
		const asked = { method: 'GET', origin: 'https://a', target: '/' };
		const answered = (headers: object) => {
			const ctx = koa.createContext({ headers } as IncomingMessage, {} as ServerResponse);
			ctx.state.requestId = 'r-7';
			return people.answers(ctx, { asked })(no);
		};
		const plain = plainAnswers(no);
		t.deepEqual(answered({ accept: '*/*' }), plain);
		const { status, headers, body } = answered({ 'sec-fetch-mode': 'navigate' });
		const { Vary, ...others } = headers ?? {};
		t.deepEqual([status, others, Vary], [plain.status, plain.headers ?? {}, 'Accept-Language']);
		const text = body instanceof Page ? body.html : '';
		t.regex(text, /<h1>\S.+<\/h1>\n<p>\S.+\.(<\/span>)?<\/p>/);
		t.notRegex(text, /<b>|undefined/);
		t.is(text.includes('Reference r-7'), status >= 500);
		t.is(text.includes('Try again'), status >= 500);
		t.is(status >= 500 && no.kind !== 'unexpected', headers?.['Retry-After'] !== undefined && status !== 429);
	});
}

test('markup is made of markup; everything else is text', (t) => {
	t.is(html`<b>${'<&>"\''}</b>${html`<i>`}`.markup, '<b>&lt;&amp;&gt;&quot;&#39;</b><i>');
	const page = new Page({
		language: 'en',
		title: '</title><script>',
		lines: [html`${'</p><script>'}`],
		reference: '<script>',
	});
	t.notRegex(page.html, /<script/);
	t.notRegex(
		new Page({ language: 'en', title: 'x', lines: [], link: { url: '"><script>', words: '<script>' } }).html,
		/<script/,
	);
});
