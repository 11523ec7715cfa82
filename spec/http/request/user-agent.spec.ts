import test from 'ava';
import { deviceOf } from '../../../src/http/request/user-agent.ts';

const cases: readonly (readonly [userAgent: string | undefined, device: string])[] = [
	[undefined, 'unknown'],
	['', 'unknown'],
	['curl/8.5.0', 'curl/8.5.0'],
	['python-requests/2.32.3', 'python-requests/2.32.3'],
	['Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0', 'Firefox on Linux'],
	[
		'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0 Safari/537.36',
		'Chrome on Windows',
	],
	[
		'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0 Safari/537.36 Edg/140.0',
		'Edge on Windows',
	],
	[
		'Mozilla/5.0 (Macintosh; Intel Mac OS X 14_5) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.5 Safari/605.1.15',
		'Safari on macOS',
	],
	[
		'Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.5 Mobile/15E148 Safari/604.1',
		'Safari on iPhone',
	],
	[
		'Mozilla/5.0 (Linux; Android 14; Pixel 8) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0 Mobile Safari/537.36',
		'Chrome on Android',
	],
	// Written by a client: never more than a short word without a trick in it.
	['a\u001b[31m\nb"c/1 second', 'a[31mb"c/1'],
	['x'.repeat(100_000), 'x'.repeat(40)],
	['\u202e\u0000 x', 'unknown'],
	[' leading', 'unknown'],
];

for (const [userAgent, device] of cases) {
	test(`${JSON.stringify(userAgent)?.slice(0, 60)} is shown as ${device}`, (t) => t.is(deviceOf(userAgent), device));
}
