import test from 'ava';
import { type Framed, isPlain } from '../../../src/http/server/framing.ts';
import { startService } from '../../_support/service.ts';
import { raw } from '../../gateway/proxy/servers.ts';

const request: Framed = { url: '/', httpVersion: '1.1', headers: {}, rawHeaders: ['Host', 'a'] };

const requests: { says: string; plain: boolean; but?: Partial<Framed> }[] = [
	{ says: 'for a path', plain: true },
	{ says: 'for one host, also where values say host', plain: true, but: { rawHeaders: ['X', 'Host', 'host', 'HOST'] } },
	{ says: 'for no host', plain: false, but: { rawHeaders: ['X', 'Host'] } },
	{ says: 'for no host, before every request had one,', plain: true, but: { httpVersion: '1.0', rawHeaders: [] } },
	{ says: 'for one host twice', plain: false, but: { rawHeaders: ['Host', 'a', 'Host', 'a'] } },
	{ says: 'for two hosts', plain: false, but: { rawHeaders: ['Host', 'a', 'X', 'b', 'hOST', ''] } },
	...hosts(true, 'a:8080', 'A.example', '[::1]:80', '[fe80::1%25eth0]', '127.0.0.1', 'a_b-c.', 'b%C3%BCro', ''),
	...hosts(
		false,
		...['a/b', 'a@b', 'a b', 'a,b', 'a\tb', 'a?b', 'a#b', 'a:b', 'a:1:2', '[::1', '::1', 'a\\b', '\xfc', '"a"', 'a;b'],
	),
	{ says: 'in chunks', plain: true, but: { headers: { 'transfer-encoding': 'Chunked' } } },
	{ says: 'in chunks before there were any', plain: false, but: framedBy('chunked', '1.0') },
	{ says: 'in zipped chunks', plain: false, but: framedBy('gzip, chunked') },
	{ says: 'in chunks of chunks', plain: false, but: framedBy('chunked, chunked') },
	{ says: 'in nothing', plain: false, but: framedBy('') },
	{ says: 'for a path and a query', plain: true, but: { url: '/a?b=http://c' } },
	{ says: 'for a whole URL', plain: false, but: { url: 'http://a/' } },
	{ says: 'for the server itself', plain: false, but: { url: '*' } },
	{ says: 'for a path with a fragment', plain: false, but: { url: '/a#b' } },
	{ says: 'for a fragment behind a query', plain: false, but: { url: '/a?b#c' } },
];
for (const { says, plain, but } of requests) {
	test(`a request ${says} is ${plain ? '' : 'not '}plain`, (t) => t.is(isPlain({ ...request, ...but }), plain));
}

function hosts(plain: boolean, ...said: string[]) {
	return said.map((host) => ({
		says: `for the host ${JSON.stringify(host)}`,
		plain,
		but: { rawHeaders: ['Host', host] },
	}));
}

function framedBy(coding: string, httpVersion = '1.1'): Partial<Framed> {
	return { httpVersion, headers: { 'transfer-encoding': coding } };
}

const end = '\r\nHost: a\r\nConnection: keep-alive\r\n';
const hidden = 'GET /health/live HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n';
const chunk = `${hidden.length.toString(16)}\r\n${hidden}\r\n0\r\n\r\n`;

const attacks = [
	{ says: 'two hosts', bytes: `GET /health/live HTTP/1.1${end}Host: b\r\n\r\n` },
	{ says: 'the same host twice', bytes: `GET /health/live HTTP/1.1${end}host: a\r\n\r\n` },
	{ says: 'no host', bytes: 'GET /health/live HTTP/1.1\r\n\r\n' },
	{ says: 'another host in its target', bytes: `GET http://b/health/live HTTP/1.1${end}\r\n` },
	{ says: 'a fragment', bytes: `GET /health/live#/public HTTP/1.1${end}\r\n` },
	{ says: 'zipped chunks', bytes: `GET /health/live HTTP/1.1${end}Transfer-Encoding: gzip, chunked\r\n\r\n${chunk}` },
	{
		says: 'chunks beside a length',
		bytes: `GET /health/live HTTP/1.1${end}Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n${chunk}`,
	},
	{ says: 'a folded header', bytes: `GET /health/live HTTP/1.1${end}X: a\r\n b\r\n\r\n` },
	{ says: 'bare line feeds', bytes: `GET /health/live HTTP/1.1\nHost: a\n\n` },
	{
		says: 'two hosts and an upgrade',
		bytes: 'GET /health/live HTTP/1.1\r\nHost: a\r\nHost: b\r\nConnection: upgrade\r\nUpgrade: websocket\r\n\r\n',
	},
];
for (const { says, bytes } of attacks) {
	test(`a request with ${says} is a 400 whatever it asks for, and ends the connection`, async (t) => {
		const service = await startService();
		t.teardown(service.close);
		const answer = await raw(Number(new URL(service.url).port), bytes + hidden);
		t.regex(answer, /^HTTP\/1.1 400 /);
		t.regex(answer, /\r\nConnection: close\r\n/);
		t.regex(answer, /\r\nX-Content-Type-Options: nosniff\r\n/);
		t.regex(answer, /\{"message":"[^"]+","code":"[a-z-]+"\}$/);
		t.is(answer.match(/HTTP\/1.1 /g)?.length, 1, 'what stood behind it is not answered');
	});
}
