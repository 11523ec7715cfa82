import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import test from 'ava';
import { createClientOf } from '../../../src/http/request/client.ts';

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

test('a client that is no trusted proxy is not believed, where there are some', (t) => {
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
	// As some proxies write it: with the port, which is another one for each connection.
	['198.51.100.1:40001', '198.51.100.1'],
	['6.6.6.6, 198.51.100.1:40002', '198.51.100.1'],
	['[2001:db8::1]:40001', '2001:db8::1'],
	['[2001:db8::1]', '2001:db8::1'],
	['198.51.100.1:1, 10.0.0.7:2', '198.51.100.1'],
	['198.51.100.1:1,10.0.0.7:2,[::ffff:10.0.0.8]:3', '198.51.100.1'],
	['2001:DB8:0:0::0:1', '2001:db8::1'],
	['fe80::1%6', 'fe80::1'],
	['::ffff:c633:6401', '198.51.100.1'],
	// What is no address says nothing: it counts as the proxy that wrote it.
	...['unknown', '_hidden', '1.2.3.4.5', '01.2.3.4', '1:2:3:4:5:6:7:8:9::1', '1.2.3.4:123456', '[1.2.3.4]:5'].map(
		(text) => [text, proxy] as const,
	),
	...['\u009b31m', '"198.51.100.1"', '[2001:db8::1', '2001:db8::1]:4', ':::', ',', '198.51.100.1,', 'a:b'].map(
		(text) => [text, proxy] as const,
	),
	['198.51.100.1, unknown', proxy],
	['unknown, 10.0.0.7:2', '10.0.0.7'],
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
