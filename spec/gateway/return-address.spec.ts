import test from 'ava';
import { createPortal } from '../../src/gateway/portal.ts';
import { createReturnAddresses, parseWebOrigin, returnAddressOf } from '../../src/gateway/return-address.ts';

/*
 * Addresses to be led back to, against the URL parser as an oracle: an address that is let through stands on a host of ours in the
 * parser's own words, and what is answered is the parser's own text.
 */

const asked = 'https://app.example.org';
const ours = new Set(['app.example.org', 'grafana.example.org', 'files.example.org:8443']);
const returns = createReturnAddresses({
	insecure: false,
	hosts: ['grafana.example.org', 'files.example.org:8443', '*.lab.example.org'],
});

function judged(text: string): string | undefined {
	const url = returns.parse(text);
	return url && returns.isOurs(url, asked) ? url.href : undefined;
}

const taken: readonly (readonly [string, string?])[] = [
	['https://app.example.org/'],
	['https://app.example.org', 'https://app.example.org/'],
	['https://APP.example.org/d/7?x=1#part', 'https://app.example.org/d/7?x=1#part'],
	['HTTPS://app.example.org:443/', 'https://app.example.org/'],
	['https://grafana.example.org/../admin', 'https://grafana.example.org/admin'],
	['https://files.example.org:8443/a'],
	['https://app.example.org/?return=https://evil.example/'],
	['https://app.example.org//evil.example'],
	['https://a.b.lab.example.org/'],
	['https://app.example.org/%5Cevil.example'],
	['https://app.example.org/a%0d%0ab'],
	['https://app.example.org/é', 'https://app.example.org/%C3%A9'],
	['https://ａｐｐ.example.org/', 'https://app.example.org/'],
	['https://app.example.org?a@b', 'https://app.example.org/?a@b'],
];

for (const [text, href = text] of taken) test(`taken: ${text}`, (t) => t.is(judged(text), href));

const refused = [
	...['', '/', '/d/7', 'd/7', '//app.example.org/', '///app.example.org', '/\\app.example.org', 'app.example.org'],
	...['https:app.example.org', 'https:/app.example.org', 'https:///app.example.org', 'https:\\\\app.example.org'],
	...[
		'http://app.example.org/',
		'ftp://app.example.org/',
		'javascript:alert(1)//app.example.org',
		'data:,a',
		'blob:https://app.example.org/a',
	],
	...[
		'https://evil.example/',
		'https://app.example.org.evil.example/',
		'https://evilapp.example.org/',
		'https://example.org/',
	],
	...[
		'https://x.app.example.org/',
		'https://app.example.org./',
		'https://app.example.org:8443/',
		'https://app.example.org:80/',
	],
	...['https://files.example.org/', 'https://files.example.org:8444/', 'https://grafana.example.org:443443/'],
	...[
		'https://app.example.org@evil.example/',
		'https://ada@app.example.org/',
		'https://:@app.example.org/',
		'https://@app.example.org/',
	],
	...[
		'https://app.example.org:pw@evil.example',
		'https://evil.example#@app.example.org',
		'https://evil.example?@app.example.org/',
	],
	...[
		'https://app.example.org\\@evil.example',
		'https://evil.example\\.app.example.org/',
		'https://app.example.org/\\evil.example',
	],
	...[
		' https://app.example.org/',
		'https://app.example.org/ ',
		'https://app.example.org/a b',
		'https://app.\texample.org/',
	],
	...[
		'ht\ntps://app.example.org/',
		'https://app.example.org/\r\nX: y',
		'https://app.example.org/\0',
		'https://app.example.org/\u0085',
	],
	...['https://app.example.org/\u00a0', 'https://app.example.org/\u2028', 'https://app.example.org/\ud800'],
	...[
		'https://аpp.example.org/',
		'https://app。example.org.evil.example/',
		'https://app.example.org%2eevil.example/',
		'https://app.example.org%00.evil/',
	],
	...['https://app.example.org%40evil.example/', 'https://[::1', 'https://', 'https://?', 'https://#app.example.org'],
	`https://app.example.org/${'x'.repeat(2048)}`,
	`https://app.example.org/${'é'.repeat(1013)}`,
];

for (const [nth, text] of refused.entries()) {
	test(`refused, ${nth + 1}: ${JSON.stringify(text).slice(0, 80)}`, (t) => t.is(judged(text), undefined));
}

test('plain http is for this machine, or where it is allowed', (t) => {
	const here = (text: string, origin: string, insecure = false) => {
		const judge = createReturnAddresses({ insecure, hosts: [] });
		const url = judge.parse(text);
		return url !== undefined && judge.isOurs(url, origin);
	};
	for (const host of ['127.0.0.1:8080', 'localhost:8080', '[::1]:8080']) {
		t.true(here(`http://${host}/a`, `http://${host}`), host);
	}
	t.false(here('http://127.0.0.1:8081/a', 'http://127.0.0.1:8080'));
	t.false(here('http://127.evil.example/', 'http://127.evil.example'));
	t.false(here('http://plant.lan/', 'http://plant.lan'));
	t.true(here('http://plant.lan/', 'http://plant.lan', true));
});

/** Mulberry32: the same values at each run. */
function random(seed: number) {
	let state = seed;
	return (below: number): number => {
		state = (state + 0x6d2b79f5) | 0;
		let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
		mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
		return ((mixed ^ (mixed >>> 14)) >>> 0) % below;
	};
}

const parts = [
	...[
		'https:',
		'http:',
		'HTTPS:',
		'javascript:',
		'//',
		'/',
		'\\',
		'///',
		'@',
		':',
		'?',
		'#',
		'.',
		'..',
		'%2e',
		'%2f',
		'%5c',
		'%00',
	],
	...[
		'app.example.org',
		'grafana.example.org',
		'files.example.org',
		'evil.example',
		'.evil.example',
		'example.org',
		'localhost',
	],
	...[
		':443',
		':8443',
		':80',
		':x',
		'ada',
		'ada:pw@',
		'\t',
		'\n',
		' ',
		'\u00a0',
		'\u200b',
		'\u00ad',
		'。',
		'／',
		'＠',
		'é',
		'ß',
		'а',
	],
	...[
		'return=',
		'&',
		'=',
		'd/7',
		'%',
		'%25',
		'[',
		']',
		'[::1]',
		'127.0.0.1',
		'0x7f.1',
		'\u0000',
		'\ud800',
		'\u202e',
		'x'.repeat(700),
	],
];
const starts = [
	'',
	'',
	'https://app.example.org',
	'https://grafana.example.org',
	'https://',
	'https://files.example.org:8443/',
];

function values(count: number): string[] {
	const pick = random(20_260_101);
	return Array.from({ length: count }, () => {
		let text = starts[pick(starts.length)] as string;
		for (let left = pick(7); left > 0; left -= 1) text += parts[pick(parts.length)];
		return text;
	});
}

const tenThousand = values(10_000);

test('10,000 addresses: none that is taken leads elsewhere, and none is refused without a reason', (t) => {
	let count = 0;
	for (const text of tenThousand) {
		const href = judged(text);
		const oracle = URL.parse(text);
		if (href === undefined || oracle === null) {
			// What is written plainly and is ours must not be refused.
			const isPlain =
				/^https:\/\/(app\.example\.org|grafana\.example\.org|files\.example\.org:8443)(\/[\w./?=&#%-]*)?$/;
			t.false(isPlain.test(text) && text.length < 2048, JSON.stringify(text));
			continue;
		}
		count += 1;
		t.is(href, oracle.href);
		t.true(oracle.protocol === 'https:' && ours.has(oracle.host), JSON.stringify(text));
		t.is(`${oracle.username}${oracle.password}`, '');
		t.is(URL.parse(href)?.href, href, 'and says the same when read again');
		t.notRegex(href, /[\\\s]/);
	}
	t.true(count > 500, `${count} of them are ours`);
});

test('how long an address may be is counted as it was written, not as it is encoded', (t) => {
	t.truthy(judged(`https://app.example.org/${'é'.repeat(1000)}`));
});

test('10,000 targets: who is led back to one is led where the address is read again, and nobody else', (t) => {
	const origins = [
		'https://app.example.org',
		'https://app.example.org:8443',
		'http://localhost:8080',
		'http://plant.lan',
	];
	const odd = [
		'https://app.example.org.',
		'https://a@app.example.org',
		'https://app.example.org/',
		'https://app.example.org?',
	];
	let count = 0;
	for (const [nth, text] of tenThousand.entries()) {
		// As it comes in a request: one character a byte.
		const target = `/${Buffer.from(text.toWellFormed()).toString('latin1')}`;
		const origin = parseWebOrigin([...origins, ...odd][nth % 8] ?? '');
		if (origin === undefined) {
			t.true(nth % 8 > 4, 'none but those with something behind the host, or before it');
			continue;
		}
		const back = returnAddressOf(origin, target, returns);
		if (back === undefined) {
			const bytes = target.replace(/[\\\x80-\xff]/g, (byte) => `%${byte.charCodeAt(0).toString(16)}`);
			const url = URL.parse(bytes, origin);
			t.is(url && returns.parse(url.href), url ? undefined : null, JSON.stringify([origin, target]));
			continue;
		}
		count += 1;
		t.is(returns.parse(back.href)?.href, back.href, JSON.stringify([origin, target]));
	}
	t.true(count > 2000, `${count} are led back`);
});

test('10,000 values × every parameter of a page: the way to the sign-in page leads nowhere else', (t) => {
	const parameters = [
		'return',
		'rd',
		'redirect',
		'url',
		'next',
		'continue',
		'target',
		'rm',
		'redirect_uri',
		'Location',
	];
	const portal = createPortal({ url: undefined, consolePath: '/', returns });
	const elsewhere = createPortal({ url: 'https://login.example.org', consolePath: undefined, returns });
	for (const [nth, value] of tenThousand.entries()) {
		const written =
			nth % 2 === 0 || !value.isWellFormed() ? value.replace(/[\ud800-\udfff]/g, '') : encodeURIComponent(value);
		for (const parameter of parameters) {
			const target = `/d/7?${parameter}=${written}`;
			for (const [page, origin] of [
				[portal, asked],
				[elsewhere, 'https://login.example.org'],
			] as const) {
				const led = new URL(page.signInUrl(asked, target) ?? '');
				if (led.origin !== origin || led.pathname !== '/') t.fail(JSON.stringify(target));
				const back = led.searchParams.get('return');
				if (back !== null && (new URL(back).origin !== asked || judged(back) !== back))
					t.fail(JSON.stringify([target, back]));
				if ([...led.searchParams.keys()].some((name) => name !== 'return')) t.fail(JSON.stringify(target));
			}
		}
	}
	t.pass();
});

test('10,000 hosts: the way leads to a host that was asked, or nowhere', (t) => {
	const portal = createPortal({ url: undefined, consolePath: '/latchkey', returns });
	for (const value of tenThousand) {
		const host = value.replace(/^https:\/\//, '');
		const led = portal.signInUrl(`https://${host}`, '/d/7');
		if (led === undefined) continue;
		const { protocol, host: leads, pathname } = new URL(led);
		if (protocol !== 'https:' || leads !== URL.parse(`https://${host}`)?.host || pathname !== '/latchkey/') t.fail(led);
		if (/[/\\?#@\s]/.test(host)) t.fail(JSON.stringify(host));
	}
	t.pass();
});
