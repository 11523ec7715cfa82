import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import test from 'ava';
import type { Client } from '../../../src/http/request/client.ts';
import { createOrigins } from '../../../src/http/request/origins.ts';

const friend = 'https://app.example.org';
const origins = createOrigins([friend], { write: () => undefined });

function isCrossSite(
	method: string,
	headers: IncomingHttpHeaders,
	{ host = 'gate.example', secure = false } = {},
): boolean {
	return origins.isCrossSite({ method, headers } as IncomingMessage, { host, secure } as Client);
}

function isCrossSiteAccess(method: string, headers: IncomingHttpHeaders): boolean {
	return origins.isCrossSiteAccess(
		{ method, headers } as IncomingMessage,
		{
			host: 'gate.example',
			secure: false,
		} as Client,
	);
}

const pages: readonly (readonly [says: string, headers: IncomingHttpHeaders, refused: boolean])[] = [
	['no page at all', {}, false],
	['typed by the person', { 'sec-fetch-site': 'none' }, false],
	['a page of ours', { origin: 'http://gate.example', 'sec-fetch-site': 'same-origin' }, false],
	['a page of ours, without Origin', { 'sec-fetch-site': 'same-origin' }, false],
	['a page of ours, TLS ending before us', { origin: 'https://gate.example' }, false],
	['a page of ours, with the usual port', { origin: 'http://gate.example:80' }, false],
	['a page of ours that hides its name', { origin: 'null', 'sec-fetch-site': 'same-origin' }, false],
	[
		'a page of ours, through a proxy that changes Host',
		{ origin: 'http://a.test', 'sec-fetch-site': 'same-origin' },
		false,
	],
	['a page of an allowed origin', { origin: friend, 'sec-fetch-site': 'cross-site' }, false],
	['a page of another site', { origin: 'https://evil.example', 'sec-fetch-site': 'cross-site' }, true],
	['a page of another site that hides its name', { 'sec-fetch-site': 'cross-site' }, true],
	['a neighbour', { 'sec-fetch-site': 'same-site' }, true],
	['a neighbour by name', { origin: 'http://www.gate.example' }, true],
	['another port', { origin: 'http://gate.example:8081' }, true],
	['a page without an origin', { origin: 'null' }, true],
	['a page of nowhere', { origin: 'null', 'sec-fetch-site': 'cross-site' }, true],
	['somebody who says two things', { origin: 'null', 'sec-fetch-site': 'same-origin, cross-site' }, true],
	['an empty Origin', { origin: '' }, true],
	['an origin that ends like ours', { origin: 'http://evilgate.example' }, true],
	['an origin that begins like an allowed one', { origin: `${friend}.evil.example` }, true],
	['the allowed one over plain http', { origin: 'http://app.example.org' }, true],
	['an origin with more behind it', { origin: 'http://gate.example/x' }, true],
	['an extension', { origin: 'chrome-extension://gate.example' }, true],
	['two origins', { origin: `${friend}, https://evil.example` }, true],
];

for (const [says, headers, refused] of pages) {
	test(`what changes something and comes from ${says} is ${refused ? 'refused' : 'let in'}`, (t) => {
		for (const method of ['POST', 'PUT', 'PATCH', 'DELETE', 'LINK'])
			t.is(isCrossSite(method, headers), refused, method);
		for (const method of ['GET', 'HEAD', 'OPTIONS']) t.false(isCrossSite(method, headers), method);
		t.is(isCrossSite('GET', { ...headers, upgrade: 'websocket' }), refused, 'a WebSocket, too');
	});
	test(`what reads a resource and comes from ${says} is ${refused ? 'refused, unless a person goes there' : 'let in'}`, (t) => {
		for (const method of ['GET', 'HEAD', 'OPTIONS', 'POST']) {
			t.is(isCrossSiteAccess(method, headers), refused, method);
			for (const dest of ['script', 'image', 'empty', 'style', 'video', 'object', 'embed', 'worker']) {
				const mode = dest === 'object' || dest === 'embed' ? 'navigate' : 'no-cors';
				t.is(isCrossSiteAccess(method, { ...headers, 'sec-fetch-mode': mode, 'sec-fetch-dest': dest }), refused, dest);
			}
			for (const dest of ['document', 'iframe']) {
				const opened = { ...headers, 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': dest };
				t.is(isCrossSiteAccess(method, opened), refused && method === 'POST', `${method} ${dest}`);
				t.is(isCrossSiteAccess(method, { ...opened, upgrade: 'websocket' }), refused, 'a WebSocket that says so');
			}
		}
	});
}

test('where we see TLS, a page of ours has it, too', (t) => {
	t.false(isCrossSite('POST', { origin: 'https://gate.example' }, { secure: true }));
	t.false(isCrossSite('POST', { origin: 'https://gate.example' }, { secure: true, host: 'gate.example:443' }));
	t.true(isCrossSite('POST', { origin: 'http://gate.example' }, { secure: true }));
});

test('only allowed origins are told to browsers, letter for letter', (t) => {
	const allowed = (origin?: string) =>
		origins.allowed({ headers: origin === undefined ? {} : { origin } } as IncomingMessage);
	t.is(allowed(friend), friend);
	for (const origin of [undefined, 'null', '*', `${friend}/`, friend.toUpperCase(), 'http://gate.example']) {
		t.is(allowed(origin), undefined);
	}
});
