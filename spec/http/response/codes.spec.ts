import { once } from 'node:events';
import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import test from 'ava';
import { refusalCodes } from '../../../src/http/response/default-answers.ts';
import { type Answer, createClient } from '../../_support/client.ts';
import { contract } from '../../_support/contract.ts';
import { createHandClock, minuteMs } from '../../_support/hand-clock.ts';
import { startService } from '../../_support/service.ts';

/*
 * Every refusal says why, for programs: a 401 alone does not tell whether to log in, to fetch the token, or to change the
 * password. That each answer of the documented paths has a code of the list is held by the browser of the specs.
 */

const base = '/services/session/v1';
const password = 'four brown bears';
const clock = createHandClock();
const service = await startService(
	{
		auth: { basic: true },
		dialects: { kismet: { enabled: true }, insights: { enabled: true } },
		resources: [{ path: '/treasure', permission: 'p', upstream: 'http://127.0.0.1:1' }],
	},
	clock,
);
await service.add('ada', password, { permissions: ['p'] });
await service.add('bob', password, { mustChange: true });
test.after.always(() => service.close());

test('the document lists the codes that there are, each once, and says what each means', (t) => {
	const { enum: listed = [], description = '' } = contract.components.schemas.RefusalCode ?? {};
	t.deepEqual([...listed].sort(), [...refusalCodes].sort());
	const explained = [...description.matchAll(/^- `([a-z-]+)`: \S/gm)].map(([, code]) => code);
	t.deepEqual(explained, [...listed]);
});

const said = ({ status, body }: Answer) => `${status} ${(body as { code?: unknown }).code}`;

async function signedIn(name = 'ada') {
	const browser = createClient(service);
	await browser.login(name, password);
	return browser;
}

/** Without a token, whatever the browser has. */
const withToken = (token = '') => ({ 'X-XSRF-Token': token });

for (const path of [`${base}/currentIdentity`, '/services/auth/v1/verify?permission=p', '/treasure']) {
	test.serial(`401 tells apart what is to be done about it: ${path}`, async (t) => {
		t.is(said(await createClient(service).get(path)), '401 session-missing');
		const unknown = createClient(service);
		unknown.jar.set('JSESSIONID', 'mYb4IqKkM040FwHcmAO5QWYLoMRa6Nq9sefi5-wkK_o');
		t.is(said(await unknown.get(path)), '401 session-missing');

		const ada = await signedIn();
		t.is(said(await ada.get(path, withToken(''))), '401 xsrf-token-invalid');
		const other = await (await signedIn()).fetchXsrfToken();
		t.is(said(await ada.get(path, withToken(other))), '401 xsrf-token-invalid');
		t.is(said(await (await signedIn('bob')).get(path)), '401 password-change-needed');

		clock.wind(16 * minuteMs);
		t.is(said(await ada.get(path)), '401 session-expired');
		t.is(said(await ada.get(path)), '401 session-missing', 'it is gone');
	});

	test.serial(`wrong Basic credentials are one code: ${path}`, async (t) => {
		const by = (name: string, word: string) =>
			createClient(service).get(path, {
				Authorization: `Basic ${Buffer.from(`${name}:${word}`).toString('base64')}`,
			});
		t.is(said(await by('ada', 'a wrong guess')), '401 bad-credentials');
		t.is(said(await by('nobody', 'a wrong guess')), '401 bad-credentials');
	});
}

test.serial('what HTTP itself finds wrong has a code, and so has what is not there', async (t) => {
	const ada = await signedIn();
	const login = `${base}/login/password`;
	t.is(said(await ada.post(login, '{')), '400 malformed');
	t.is(said(await ada.post(login, '{}', { 'Content-Type': 'text/plain' })), '415 unsupported-type');
	t.is(said(await ada.post(login, `"${'x'.repeat(65_536)}"`)), '413 too-large');
	t.is(said(await ada.get(login)), '405 method-not-allowed');
	t.is(said(await ada.get(`${base}/nothing`)), '404 not-found');
	t.is(said(await ada.get('/nothing')), '404 not-found');
	t.is(said(await ada.post(`${base}/logout`, {}, { Origin: 'https://evil.example' })), '403 cross-site');
	t.is(said(await ada.get(`${base}/identities`)), '403 permission-missing');
});

test.serial('an upstream that is away has a code', async (t) => {
	t.is(said(await (await signedIn()).get('/treasure')), '502 bad-gateway');
});

test('what protects a resource says its code to every client, and the dialects speak as theirs do', async (t) => {
	const stranger = createClient(service);
	stranger.jar.set('session', 'ada|1|x');
	const words = 'Access denied: there is no such session';
	const refused = { error: words, msg: words, message: words, code: 'session-missing' };
	t.deepEqual((await stranger.get('/treasure')).body, refused);
	t.deepEqual((await stranger.post('/v/api/!logout', {})).body, { error: words, msg: words });
	t.is((await createClient(service).get('/session/check_session')).body, 'Login required\n');
});

const raw: readonly (readonly [says: string, bytes: string, code: string])[] = [
	['no HTTP', 'hello\r\n\r\n', '400 malformed'],
	['too many headers', `GET / HTTP/1.1\r\nHost: a\r\nX: ${'x'.repeat(17_000)}\r\n\r\n`, '431 headers-too-large'],
	[
		'a thousand headers',
		`GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n${'B: \r\n'.repeat(998)}\r\n`,
		'431 headers-too-large',
	],
	['two hosts', 'GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n', '400 malformed'],
	[
		'another expectation',
		'GET / HTTP/1.1\r\nHost: a\r\nExpect: tea\r\nConnection: close\r\n\r\n',
		'417 expectation-failed',
	],
	['another method', 'TRACE / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n', '405 method-not-allowed'],
];

for (const [says, bytes, code] of raw) {
	test(`what is refused before anything else has a code: ${says}`, async (t) => {
		const socket = connect(Number(new URL(service.url).port), '127.0.0.1');
		await once(socket, 'connect');
		socket.write(bytes);
		const answer = await text(socket);
		const { code: given } = JSON.parse(answer.slice(answer.indexOf('\r\n\r\n')));
		t.is(`${answer.split(' ')[1]} ${given}`, code);
	});
}
