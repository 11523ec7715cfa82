import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import test from 'ava';
import { createClientOf } from '../../src/http/client.ts';

interface Told {
	readonly peer?: string;
	readonly encrypted?: boolean;
	readonly headers?: IncomingHttpHeaders;
	readonly trusted?: readonly string[];
}

function clientOf({ peer = '203.0.113.9', encrypted = false, headers = {}, trusted = [] }: Told) {
	const request = { socket: { remoteAddress: peer, encrypted }, headers: { host: 'gate.example', ...headers } };
	return createClientOf(trusted)(request as unknown as IncomingMessage);
}

const proxy = '10.0.0.1';
const trusted = ['10.0.0.0/8'];
const spoofed = {
	'x-forwarded-for': '198.51.100.1',
	'x-forwarded-proto': 'https',
	'x-forwarded-host': 'other.example',
	forwarded: 'for=198.51.100.1;proto=https;host=other.example',
	'x-real-ip': '198.51.100.1',
};

test('without trusted proxies no header changes where a request comes from', (t) => {
	t.like(clientOf({ headers: spoofed }), {
		address: '203.0.113.9',
		secure: false,
		host: 'gate.example',
		viaTrustedProxy: false,
	});
});

test('whoever is no trusted proxy is not believed, where there are some', (t) => {
	t.like(clientOf({ headers: spoofed, trusted }), { address: '203.0.113.9', secure: false, host: 'gate.example' });
});

const chains: readonly (readonly [forwardedFor: string | undefined, address: string])[] = [
	[undefined, proxy],
	['', proxy],
	['198.51.100.1', '198.51.100.1'],
	['6.6.6.6, 198.51.100.1', '198.51.100.1'],
	['6.6.6.6, 198.51.100.1, 10.0.0.2', '198.51.100.1'],
	['10.0.0.3, 10.0.0.2', '10.0.0.3'],
	['::ffff:198.51.100.1', '198.51.100.1'],
	['2001:db8::1', '2001:db8::1'],
];

for (const [forwardedFor, address] of chains) {
	test(`behind a trusted proxy, the right-most address that is no proxy's counts: ${forwardedFor}`, (t) => {
		const headers = forwardedFor === undefined ? {} : { 'x-forwarded-for': forwardedFor };
		t.is(clientOf({ peer: proxy, trusted, headers }).address, address);
		t.is(clientOf({ peer: `::ffff:${proxy}`, trusted, headers }).address, address);
	});
}

const schemes: readonly (readonly [says: string, told: Told, secure: boolean])[] = [
	['our own TLS', { encrypted: true }, true],
	['plain http', {}, false],
	['a trusted proxy that saw https', { peer: proxy, trusted, headers: { 'x-forwarded-proto': 'https' } }, true],
	['a trusted proxy that saw http', { peer: proxy, trusted, headers: { 'x-forwarded-proto': 'http' } }, false],
	[
		'a trusted proxy that contradicts itself',
		{ peer: proxy, trusted, headers: { 'x-forwarded-proto': 'https, http' } },
		false,
	],
	['a trusted proxy without a word', { peer: proxy, trusted }, false],
	[
		'TLS from a trusted proxy that saw http',
		{ peer: proxy, trusted, encrypted: true, headers: { 'x-forwarded-proto': 'http' } },
		false,
	],
	['a stranger who says https', { headers: { 'x-forwarded-proto': 'https' } }, false],
];

for (const [says, told, secure] of schemes) {
	test(`${says} is ${secure ? '' : 'not '}secure`, (t) => t.is(clientOf(told).secure, secure));
}

test('a trusted proxy may say which host was asked for, one host', (t) => {
	const host = (value: string) => clientOf({ peer: proxy, trusted, headers: { 'x-forwarded-host': value } }).host;
	t.is(host('Shop.Example:8443'), 'shop.example:8443');
	t.is(host('a.example, b.example'), 'gate.example');
	t.is(host(''), 'gate.example');
});

const places: readonly (readonly [says: string, told: Told, isLocal: boolean])[] = [
	['127.0.0.1, asking for localhost', { peer: '127.0.0.1', headers: { host: 'localhost:8080' } }, true],
	['127.0.0.1, asking for 127.0.0.1', { peer: '127.0.0.1', headers: { host: '127.0.0.1:8080' } }, true],
	['127.0.0.2', { peer: '127.0.0.2', headers: { host: '127.0.0.2' } }, true],
	['::1', { peer: '::1', headers: { host: '[::1]:8080' } }, true],
	['127.0.0.1 as IPv6 writes it', { peer: '::ffff:127.0.0.1', headers: { host: 'LOCALHOST' } }, true],
	['another machine', { headers: { host: 'localhost' } }, false],
	['a page of another name that points here', { peer: '127.0.0.1', headers: { host: 'evil.example:8080' } }, false],
	[
		'a name that only looks like this machine',
		{ peer: '127.0.0.1', headers: { host: '127.0.0.1.evil.example' } },
		false,
	],
	[
		'a proxy on this machine that nobody told us of',
		{ peer: '127.0.0.1', headers: { host: 'localhost', 'x-forwarded-for': '6.6.6.6' } },
		false,
	],
	['the same, with Forwarded', { peer: '127.0.0.1', headers: { host: 'localhost', forwarded: 'for=6.6.6.6' } }, false],
	['the same, with Via', { peer: '127.0.0.1', headers: { host: 'localhost', via: '1.1 proxy' } }, false],
	[
		'a trusted proxy on this machine',
		{ peer: '127.0.0.1', trusted: ['127.0.0.1'], headers: { host: 'localhost' } },
		false,
	],
];

for (const [says, told, isLocal] of places) {
	test(`${says} is ${isLocal ? '' : 'not '}this machine itself`, (t) => t.is(clientOf(told).isLocal, isLocal));
}
