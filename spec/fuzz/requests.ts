import * as fc from 'fast-check';
import type { Treasures } from './stage.ts';

/** A request, as it goes onto the wire; all text is one character a byte. */
export interface FuzzedRequest {
	readonly method: string;
	readonly target: string;
	readonly headers: readonly (readonly [name: string, value: string])[];
	readonly body: string;
	/** In chunks rather than with a length. */
	readonly chunked: boolean;
}

const base = '/services/session/v1';
const hex = 'a'.repeat(64);

/** Every endpoint there is, with the methods that it knows. */
const endpoints: readonly (readonly [method: string, path: string])[] = [
	['POST', `${base}/login/password`],
	['POST', `${base}/login/certificate`],
	['GET', `${base}/xsrfToken`],
	['POST', `${base}/logout`],
	['POST', `${base}/changePassword`],
	['GET', `${base}/currentIdentity`],
	['GET', `${base}/authenticationInfo`],
	['GET', `${base}/setup`],
	['POST', `${base}/setup`],
	['GET', `${base}/passwordPolicy`],
	['GET', `${base}/currentSession`],
	['GET', `${base}/sessions`],
	['GET', `${base}/sessions?all`],
	['DELETE', `${base}/sessions`],
	['DELETE', `${base}/sessions/${hex}`],
	['GET', `${base}/identities`],
	['POST', `${base}/identities`],
	['GET', `${base}/identities/ann`],
	['PATCH', `${base}/identities/bob`],
	['DELETE', `${base}/identities/bob`],
	['PUT', `${base}/identities/bob/password`],
	['POST', `${base}/passkey/challenge`],
	['POST', `${base}/login/passkey`],
	['POST', `${base}/authenticators/passkey/challenge`],
	['POST', `${base}/authenticators/passkey`],
	['POST', `${base}/proof`],
	['GET', `${base}/authenticators`],
	['POST', `${base}/authenticators/totp`],
	['POST', `${base}/authenticators/totp/${hex}/confirmation`],
	['GET', `${base}/secondFactor`],
	['POST', `${base}/login/totp`],
	['POST', `${base}/login/recoveryCode`],
	['POST', `${base}/invitation`],
	['POST', `${base}/invitation/acceptance`],
	['POST', `${base}/identities/bob/invitation`],
	['GET', '/services/auth/v1/verify'],
	['GET', '/services/auth/v1/verify?permission=p'],
	['GET', '/session/check_setup_ok'],
	['POST', '/session/set_password'],
	['GET', '/session/check_session'],
	['GET', '/session/check_login'],
	['POST', '/prime-14.01/api/!login'],
	['POST', '/prime-14.01/api/!login:json'],
	['POST', '/prime-14.01/api/!logout'],
	['POST', '/prime-14.01/api/!logout:json'],
	['GET', '/health/live'],
	['GET', '/health/ready'],
	['GET', '/metrics'],
	['GET', '/openapi.yaml'],
	['GET', '/docs'],
	['GET', '/'],
	['GET', '/treasure/x'],
	['POST', '/treasure'],
	['GET', '/pages/a.js'],
	['DELETE', '/pages'],
	['GET', '/gone'],
];

const fields = [
	...['username', 'password', 'currentPassword', 'newPassword', 'name', 'permissions', 'passwordChangeNeeded'],
	...['credential', 'code', 'recoveryCode', 'for', 'hours', 'id', 'rawId', 'type', 'response', 'clientDataJSON'],
	...['disabled', 'token', 'uid', 'pw', 'pswd', 'kill', 'sid', 'epw', '__proto__', 'constructor', 'toString', 'length'],
];

const words = [
	...[
		'ann',
		'bob',
		'root',
		'nobody',
		'kismet',
		'four brown bears',
		'seven green frogs',
		'',
		'yes',
		'possess',
		'p',
		'*',
	],
	...['kura.admin', 'a|1|x', '\u0000', '\ud800', 'José', 'Jose\u0301', ' ', '../..', "' OR 1=1--", '%00', '%0d%0aX: y'],
	...['x'.repeat(300), 'x'.repeat(5000), '[object Object]', '-1', '1e999', 'true', 'null', '\u202e', '茶'.repeat(400)],
];

const text = fc.oneof(
	{ weight: 4, arbitrary: fc.constantFrom(...words) },
	{ weight: 2, arbitrary: fc.string({ unit: 'binary', maxLength: 40 }) },
	{ weight: 1, arbitrary: fc.string({ maxLength: 20 }) },
);

const value = fc.oneof(
	{ weight: 6, arbitrary: text },
	{ weight: 2, arbitrary: fc.array(text, { maxLength: 3 }) },
	{ weight: 1, arbitrary: fc.constantFrom(true, false, null, 0, -1, 1e308, {}) },
	{ weight: 1, arbitrary: fc.jsonValue({ maxDepth: 3 }) },
);

/** In the form of a passkey, for both of its doors; what stands in it is CBOR, JSON or neither. */
function credential() {
	const encoded = (given: fc.Arbitrary<string | Uint8Array>) =>
		given.map((each) => Buffer.from(each as string).toString('base64url') || 'AA');
	const clientData = fc
		.record({
			type: fc.constantFrom('webauthn.get', 'webauthn.create', 'x'),
			challenge: fc.constantFrom('A'.repeat(43), ''),
			origin: fc.constantFrom('https://login.example.org', 'http://localhost', 'null'),
			crossOrigin: fc.constantFrom(false, true, null),
		})
		.map((each) => JSON.stringify(each));
	const some = encoded(fc.uint8Array({ minLength: 1, maxLength: 300 }));
	return fc.record({
		id: some,
		rawId: some,
		type: fc.constant('public-key'),
		response: fc.record({
			clientDataJSON: encoded(fc.oneof(clientData, fc.string({ maxLength: 80 }))),
			authenticatorData: some,
			signature: some,
			attestationObject: some,
			userHandle: fc.option(some, { nil: null }),
		}),
	});
}

const record = fc.dictionary(fc.constantFrom(...fields), value, { maxKeys: 5, noNullPrototype: true });
/** What the endpoints ask for, so that not everything ends at the schema. */
const sound = fc.record({
	username: fc.constantFrom('ann', 'bob', 'nobody'),
	name: fc.constantFrom('bob', 'carl', 'ann'),
	uid: fc.constantFrom('ann', 'bob'),
	pw: fc.constantFrom('four brown bears', 'x'),
	password: fc.constantFrom('four brown bears', 'seven green frogs', 'x'),
	currentPassword: fc.constantFrom('four brown bears', 'x'),
	newPassword: fc.constantFrom('seven green frogs', 'x'),
	code: fc.constantFrom('000000', 'a'.repeat(26), 'x'),
	for: fc.constantFrom('new-password', 'new-factor', 'x'),
	credential: credential(),
});

const json = (object: fc.Arbitrary<unknown>) => object.map((each) => JSON.stringify(each));
const formOf = (each: object) =>
	new URLSearchParams(
		Object.entries(each).map(
			([key, one]) => [key, typeof one === 'string' ? one : JSON.stringify(one)] as [string, string],
		),
	);
const bytes = fc.string({
	unit: fc.integer({ min: 0, max: 255 }).map((byte) => String.fromCharCode(byte)),
	maxLength: 200,
});

const body = fc
	.oneof(
		{ weight: 4, arbitrary: json(sound) },
		{ weight: 4, arbitrary: json(record) },
		{ weight: 2, arbitrary: sound.map((each) => formOf(each).toString()) },
		{ weight: 2, arbitrary: record.map((each) => formOf(each).toString()) },
		{ weight: 1, arbitrary: json(fc.jsonValue()) },
		{ weight: 1, arbitrary: bytes },
		{
			weight: 1,
			arbitrary: fc.constantFrom('', '{', '[]', 'null', '"x"', '['.repeat(500), 'a=b&a=b', '%', 'x'.repeat(70_000)),
		},
	)
	.map(latin1);

const types = [
	...['application/json', 'application/json; charset=utf-8', 'application/x-www-form-urlencoded'],
	...['application/x-www-form-urlencoded; charset=UTF-8', 'text/plain', 'multipart/form-data; boundary=x', '', 'x'],
];

const methods = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'TRACE', 'PROPFIND', 'QUERY'];

const targets = [
	'//',
	'/..;/',
	'/%2e%2e/',
	'/%2f',
	'/%00',
	'/%',
	'/\\',
	'/;',
	'/treasure%20',
	'/TREASURE',
	'/%C3%BC',
	'/?a[]=1',
	'/~',
];

/** No byte that would end a header; what is left may be anything. */
const headerValue = bytes.map((each) => [...each].filter((one) => one >= ' ' && one !== '\x7f').join(''));

export function fuzzedRequest({
	cookies,
	tokens,
	authorizations,
	certificates,
}: Treasures): fc.Arbitrary<FuzzedRequest> {
	const some = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: undefined, freq: 2 });
	const worth = (values: readonly string[]) =>
		fc.oneof(
			{ weight: 6, arbitrary: fc.constantFrom(...values) },
			{ weight: 1, arbitrary: headerValue },
			{ weight: 1, arbitrary: fc.constantFrom(...values).map((each) => each.slice(0, -1)) },
			{ weight: 1, arbitrary: fc.tuple(fc.constantFrom(...values), headerValue).map(([a, b]) => `${a}; ${b}`) },
		);
	/** Half of the requests carry a cookie and its token, as they belong together. */
	const pair = fc.oneof(
		fc.nat(tokens.length - 1).map((at) => [cookies[at], tokens[at]] as const),
		fc.tuple(some(worth(cookies)), some(worth(tokens))),
	);
	const site = fc.constantFrom('same-origin', 'cross-site', 'none', 'same-site', 'x');
	const others = fc
		.record({
			Authorization: fc.option(worth(authorizations), { nil: undefined, freq: 1 }),
			'Content-Type': some(fc.oneof(fc.constantFrom(...types), headerValue)),
			'Content-Encoding': fc.option(fc.constantFrom('gzip', 'identity', 'br', 'x'), { nil: undefined, freq: 1 }),
			Origin: fc.option(fc.constantFrom('null', 'https://evil', 'https://app.example.org', 'x'), {
				nil: undefined,
				freq: 1,
			}),
			'Sec-Fetch-Site': fc.option(site, { nil: undefined, freq: 1 }),
			'X-Forwarded-For': fc.option(fc.oneof(fc.constantFrom('1.2.3.4', '::1', ', ,', '10.0.0.1, x'), headerValue), {
				nil: undefined,
				freq: 1,
			}),
			'X-Forwarded-Proto': fc.option(fc.constantFrom('https', 'http', 'https,http', 'x'), { nil: undefined, freq: 1 }),
			'X-Forwarded-Host': fc.option(fc.oneof(fc.constantFrom('a', 'a,b'), headerValue), { nil: undefined, freq: 1 }),
			'X-Forwarded-Method': some(fc.constantFrom('GET', 'POST', 'delete', '', 'GET, POST')),
			'X-Forwarded-Uri': some(
				fc.oneof(fc.constantFrom('/treasure', '/pages/x?y', '//', 'http://a/pages', ...targets), headerValue),
			),
			'X-Original-URI': fc.option(fc.constantFrom('/treasure', '/pages'), { nil: undefined, freq: 1 }),
			'Client-Cert': fc.option(worth(certificates), { nil: undefined, freq: 1 }),
			'User-Agent': fc.option(headerValue, { nil: undefined, freq: 1 }),
			'Access-Control-Request-Method': fc.option(fc.constantFrom(...methods), { nil: undefined, freq: 1 }),
			Range: fc.option(fc.constantFrom('bytes=0-1', 'bytes=-9999999999', 'x'), { nil: undefined, freq: 1 }),
			Upgrade: fc.option(fc.constantFrom('websocket', 'h2c', 'x'), { nil: undefined, freq: 1 }),
			'X-Any': fc.option(headerValue, { nil: undefined, freq: 1 }),
		})
		.map((each) => each as Record<string, string | undefined>);
	const headers = fc
		.tuple(pair, others)
		.map(([[Cookie, token], each]) => ({ Cookie, 'X-XSRF-Token': token, ...each }))
		.map((each) =>
			Object.entries(each).flatMap(([name, one]) => (one === undefined ? [] : [[name, latin1(one)] as const])),
		);
	const query = fc.option(
		fc.oneof(
			fc.constantFrom(
				'permission=p',
				'permission=',
				'permission=p&permission=q',
				'xsrf=unsafe',
				'identity=ann',
				'identity=a&identity=b',
				'all',
				'%',
				'&&==',
				'__proto__=1',
			),
			fc.webQueryParameters(),
		),
		{ nil: undefined, freq: 1 },
	);
	const target = fc
		.tuple(
			fc.constantFrom(...endpoints),
			query,
			fc.option(fc.oneof(fc.constantFrom(...targets), fc.webPath()), { nil: undefined, freq: 1 }),
			fc.option(fc.constantFrom(...methods), { nil: undefined, freq: 1 }),
			fc.nat(5),
		)
		.map(([[method, path], asked, odd, otherMethod, dice]) => ({
			method: otherMethod !== undefined && dice < 2 ? otherMethod : method,
			target:
				(odd !== undefined && dice < 2 ? path + odd : path) + (asked ? (path.includes('?') ? '&' : '?') + asked : ''),
		}));
	return fc.tuple(target, headers, body, fc.boolean()).map(([where, all, sent, chunked]) => ({
		...where,
		target: where.target.replaceAll(/[\0-\x20\x7f-\uffff#]/g, '%20'),
		headers: all,
		body: where.method === 'GET' || where.method === 'HEAD' ? '' : sent,
		chunked,
	}));
}

/** Text as its UTF-8 bytes, one character each. */
function latin1(given: string): string {
	return /[^\0-\xff]/.test(given) ? Buffer.from(given, 'utf8').toString('latin1') : given;
}

export function toBytes({ method, target, headers, body: sent, chunked }: FuzzedRequest): Buffer {
	const lines = [`${method} ${target} HTTP/1.1`, 'Host: 127.0.0.1', ...headers.map(([name, one]) => `${name}: ${one}`)];
	const upgrade = headers.some(([name]) => name === 'Upgrade');
	lines.push(`Connection: ${upgrade ? 'close, Upgrade' : 'close'}`);
	if (sent !== '') lines.push(chunked ? 'Transfer-Encoding: chunked' : `Content-Length: ${sent.length}`);
	const framed = chunked && sent !== '' ? `${sent.length.toString(16)}\r\n${sent}\r\n0\r\n\r\n` : sent;
	return Buffer.from(`${lines.join('\r\n')}\r\n\r\n${framed}`, 'latin1');
}
