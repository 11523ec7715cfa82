import { createPublicKey } from 'node:crypto';
import test from 'ava';
import { createLocalJWKSet, decodeJwt, decodeProtectedHeader, type JSONWebKeySet, jwtVerify, SignJWT } from 'jose';
import type { IdentityName, Permission } from '../../src/core/identity.ts';
import { type Answer, type Call, createClient } from '../_support/client.ts';
import { createHandClock, minuteMs } from '../_support/hand-clock.ts';
import { startSecureService } from '../_support/secure-service.ts';
import { startService } from '../_support/service.ts';

/*
 * Kura's Token JWT V1, taken through the running service. Every answer is held against openapi.yaml besides; access tokens
 * are verified by jose, as another server would.
 */

const issue = '/services/token/jwt/v1/issue';
const refresh = '/services/token/jwt/v1/refresh';
const keySet = '/.well-known/jwks.json';
const me = '/services/session/v1/currentIdentity';
const audience = '/token/jwt/v1/access';
const password = 'a-long-and-honest-password';
const operator = { actor: 'operator' } as const;
const clock = createHandClock(Date.now());
const service = await startSecureService(
	{
		auth: { basic: true, statelessCertificate: true },
		attempts: { limit: 100 },
		dialects: { kuraTokens: { enabled: true, issuer: 'gate-7' }, kuraIdentity: { enabled: true } },
		log: { level: 'trace' },
	},
	{ clock },
);
const { identities, sessions } = service.service.core;
test.after.always(() => service.close());

interface Pair {
	readonly accessToken: string;
	readonly refreshToken: string;
	readonly accessTokenExpiresInSeconds: number;
	readonly refreshTokenExpiresInSeconds: number;
}

const secrets: string[] = [];
const call = (method: string, path: string, what: Call = {}) => createClient(service).send(path, { method, ...what });
const codeOf = ({ status, body }: Pick<Answer, 'status' | 'body'>) => `${status} ${(body as { code?: string }).code}`;
const pairOf = ({ status, body }: Pick<Answer, 'status' | 'body'>) => {
	if (status !== 200) throw new Error(`${status} ${JSON.stringify(body)}`);
	const pair = body as Pair;
	secrets.push(pair.accessToken, pair.refreshToken);
	return pair;
};
const issued = async (name: string) => pairOf(await call('POST', issue, { basic: [name, password] }));
const plain = { 'Content-Type': 'text/plain' };
const renew = (body: string | Buffer, headers: Record<string, string> = plain) =>
	call('POST', refresh, { body, headers });
const bearer = (token: string) => ({ headers: { Authorization: `Bearer ${token}` } });
const whoIs = (token: string) => call('GET', me, bearer(token));

let added = 0;
async function someone(how: { permissions?: string[]; mustChange?: boolean } = {}, named?: string) {
	added += 1;
	const name = named ?? `user.${added}`;
	return { ...(await service.add(name, password, how)), name: name as IdentityName };
}
const keys = async () => (await call('GET', keySet)).body as JSONWebKeySet;

test.serial('a pair comes in the form of Kura, which no cache keeps', async (t) => {
	const { name } = await someone();
	const answer = await call('POST', issue, { basic: [name, password] });
	t.is(answer.status, 200);
	t.is(answer.headers['cache-control'], 'no-store');
	t.is(answer.headers.pragma, 'no-cache');
	t.deepEqual(answer.setCookie, []);
	const { accessToken, refreshToken, ...others } = answer.body as Record<string, unknown>;
	t.deepEqual(others, { tokenType: 'Bearer', accessTokenExpiresInSeconds: 60, refreshTokenExpiresInSeconds: 900 });
	t.regex(String(refreshToken), /^lkr_[\w-]{43}\.[\w-]{43}$/);
	const header = decodeProtectedHeader(String(accessToken));
	t.deepEqual(header, { kid: (await keys()).keys[0]?.kid, alg: 'RS256' });
	const seconds = Math.floor(clock.now() / 1000);
	const { jti, ...claims } = decodeJwt(String(accessToken));
	t.deepEqual(claims, {
		iss: 'gate-7',
		sub: name,
		aud: audience,
		iat: seconds,
		nbf: seconds,
		exp: seconds + 60,
	});
	t.true(String(jti).length >= 32);
	const next = await renew(String(refreshToken));
	t.is(next.headers['cache-control'], 'no-store');
	t.is(next.headers.pragma, 'no-cache');
	t.not(decodeJwt(pairOf(next).accessToken).jti, jti);
});

test.serial('a library that is not ours verifies an access token with the key set', async (t) => {
	const { name } = await someone();
	const { accessToken } = await issued(name);
	const set = createLocalJWKSet(await keys());
	const at = { currentDate: new Date(clock.now()) };
	const { payload } = await jwtVerify(accessToken, set, { issuer: 'gate-7', audience, algorithms: ['RS256'], ...at });
	t.is(payload.sub, name);
	await t.throwsAsync(jwtVerify(`${accessToken.slice(0, -6)}AAAAAA`, set, at), {
		code: 'ERR_JWS_SIGNATURE_VERIFICATION_FAILED',
	});
	await t.throwsAsync(jwtVerify(accessToken, set, { ...at, audience: '/token/jwt/v1/refresh' }));
	const [key] = (await keys()).keys;
	t.deepEqual(Object.keys(key ?? {}).sort(), ['alg', 'e', 'kid', 'kty', 'n', 'use'], 'nothing of the private key');
});

test.serial(
	'the access token opens what its identity holds at that moment, without a cookie and an XSRF token',
	async (t) => {
		const { name, id } = await someone({ permissions: ['rest.assets'] });
		const { accessToken } = await issued(name);
		t.deepEqual((await whoIs(accessToken)).body, { name, passwordChangeNeeded: false, permissions: ['rest.assets'] });
		await identities.grant(id, ['rest.wires.admin' as Permission], operator);
		await identities.revoke(id, ['rest.assets' as Permission], operator);
		t.like((await whoIs(accessToken)).body, { permissions: ['rest.wires.admin'] });
		const verify = '/services/auth/v1/verify?permission=rest.wires.admin';
		const asked = await call('GET', verify, bearer(accessToken));
		t.is(asked.status, 200);
		t.is(asked.headers['remote-user'], name);
		t.is((await call('GET', '/services/auth/v1/verify?permission=rest.assets', bearer(accessToken))).status, 403);
	},
);

test.serial('it ends with its identity, at once', async (t) => {
	const ends = {
		async disabled(id: Parameters<typeof identities.remove>[0]) {
			await identities.setDisabled(id, true, operator);
		},
		async removed(id: Parameters<typeof identities.remove>[0]) {
			await identities.remove(id, operator);
		},
		async 'with another password'(id: Parameters<typeof identities.remove>[0]) {
			const how = { passwordChangeNeeded: false, policy: false };
			await identities.setPassword(
				id,
				'another-honest-password' as Parameters<typeof identities.setPassword>[1],
				how,
				operator,
			);
		},
	};
	for (const [says, end] of Object.entries(ends)) {
		const { name, id } = await someone();
		const { accessToken, refreshToken } = await issued(name);
		t.is((await whoIs(accessToken)).status, 200);
		await end(id);
		t.is(codeOf(await whoIs(accessToken)), '401 token-invalid', says);
		t.is(codeOf(await renew(refreshToken)), '401 token-invalid', says);
	}
});

test.serial(
	'what was issued before an identity was disabled opens and fetches nothing when it is enabled again',
	async (t) => {
		const { name, id } = await someone();
		const { accessToken, refreshToken } = await issued(name);
		await identities.setDisabled(id, true, operator);
		await identities.setDisabled(id, false, operator);
		t.is(codeOf(await whoIs(accessToken)), '401 token-invalid');
		t.is(codeOf(await renew(refreshToken)), '401 token-invalid');
		const again = await issued(name);
		t.is((await whoIs(again.accessToken)).status, 200);
		await service.service.core.apiTokens.endOf(id, operator);
		t.is(codeOf(await renew(again.refreshToken)), '401 token-invalid', 'and all tokens of an identity end together');
	},
);

test.serial('of a name that was removed and added anew, the new one gets nothing', async (t) => {
	const { name, id } = await someone();
	const { accessToken, refreshToken } = await issued(name);
	await identities.remove(id, operator);
	await someone({ permissions: ['kura.admin'] }, name);
	t.is(codeOf(await whoIs(accessToken)), '401 token-invalid');
	t.is(codeOf(await renew(refreshToken)), '401 token-invalid');
});

/*
 * Who is given tokens.
 */

test.serial('tokens are issued by certificate, by Basic and by a session with its XSRF token', async (t) => {
	const { name } = await someone();
	const as = await service.certificateOf(name);
	t.is(decodeJwt(pairOf(await service.ask('POST', issue, { as })).accessToken).sub, name);
	t.is(decodeJwt((await issued(name)).accessToken).sub, name);
	const browser = createClient(service);
	await browser.login(name, password);
	t.is(decodeJwt(pairOf(await browser.post(issue)).accessToken).sub, name);
	t.is(codeOf(await browser.post(issue, undefined, { 'X-XSRF-Token': 'another' })), '401 xsrf-token-invalid');
	t.is(codeOf(await call('POST', issue)), '401 session-missing');
});

test.serial(
	'of several that come along the first that is right counts: certificate, Basic, session, and no bearer',
	async (t) => {
		const [cert, basic, session] = [await someone(), await someone(), await someone()];
		const as = await service.certificateOf(cert.name);
		const inBasic = (secret: string) => `Basic ${Buffer.from(`${basic.name}:${secret}`).toString('base64')}`;
		const opened = async () => {
			const { headers, setCookie } = await service.ask('POST', '/services/session/v1/login/password', {
				body: { username: session.name, password },
			});
			t.is(headers['content-type'], 'application/json; charset=utf-8');
			const Cookie = /^[^;]+/.exec(setCookie[0] ?? '')?.[0] ?? '';
			const { body } = await service.ask('GET', '/services/session/v1/xsrfToken', { headers: { Cookie } });
			return { Cookie, 'X-XSRF-Token': (body as { xsrfToken: string }).xsrfToken };
		};
		const headers = await opened();
		const sub = async (what: Parameters<typeof service.ask>[2]) =>
			decodeJwt(pairOf(await service.ask('POST', issue, what)).accessToken).sub;
		const right = { ...headers, Authorization: inBasic(password) };
		t.is(await sub({ as, headers: right }), cert.name);
		t.is(await sub({ headers: right }), basic.name);
		t.is(await sub({ headers: { ...headers, Authorization: inBasic('a wrong password') } }), session.name);
		const { accessToken } = await issued(basic.name);
		t.is(await sub({ headers: { ...headers, Authorization: `Bearer ${accessToken}` } }), session.name);
		const stranger = await service.certificateOf('nobody.at.all');
		t.is(await sub({ as: stranger, headers: right }), basic.name);
		t.is(codeOf(await service.ask('POST', issue, { as: stranger })), '401 bad-credentials');
	},
);

test.serial('no token makes a token', async (t) => {
	const { name, ...identity } = await someone({ permissions: ['kura.admin'] });
	const { accessToken, refreshToken } = await issued(name);
	const wanted = { name: 'x', permissions: [], expiresInMs: minuteMs, endsWithPassword: false };
	const made = await service.service.core.apiTokens.add({ name, ...identity }, wanted, operator);
	const apiToken = made.ok ? made.value.text : t.fail();
	for (const text of [accessToken, refreshToken, apiToken, 'eyJhbGciOiJub25lIn0.e30.', 'x']) {
		const answer = await call('POST', issue, bearer(String(text)));
		t.is(codeOf(answer), '401 credential-not-accepted');
		t.deepEqual(answer.setCookie, []);
	}
});

test.serial(
	'an access token makes no API token, changes no credentials, and manages no identities and no sessions',
	async (t) => {
		const { name } = await someone({ permissions: ['kura.admin'] });
		const { accessToken } = await issued(name);
		const v1 = '/services/session/v1';
		for (const [method, path, json] of [
			['POST', `${v1}/tokens`, { name: 'x', permissions: [], expiresInDays: 1 }],
			['GET', `${v1}/tokens`],
			['GET', `${v1}/identities`],
			['POST', `${v1}/identities`, { name: 'x', permissions: [] }],
			['POST', `${v1}/changePassword`, { currentPassword: password, newPassword: `${password}!` }],
			['GET', `${v1}/sessions`],
			['GET', `${v1}/xsrfToken`],
			['POST', `${v1}/proof`, { password }],
			['POST', `${v1}/logout`],
		] as const) {
			t.is((await call(method, path, { ...bearer(accessToken), json })).status, 401, `${method} ${path}`);
		}
		const identity = await call('GET', '/services/identity/v2/identities', bearer(accessToken));
		t.is(codeOf(identity), '403 credential-not-accepted');
	},
);

test.serial('an identity that must change the password first is given none: 403', async (t) => {
	const { name } = await someone({ mustChange: true });
	t.is(codeOf(await call('POST', issue, { basic: [name, password] })), '403 password-change-needed');
	const browser = createClient(service);
	t.is((await browser.login(name, password)).status, 200);
	t.is(codeOf(await browser.post(issue)), '403 password-change-needed');
	const as = await service.certificateOf(name);
	t.is(codeOf(await service.ask('POST', issue, { as })), '403 password-change-needed');
	const other = await someone();
	const { refreshToken, accessToken } = await issued(other.name);
	await identities.requirePasswordChange(other.id, operator);
	t.is(codeOf(await renew(refreshToken)), '403 password-change-needed');
	t.is(codeOf(await whoIs(accessToken)), '401 token-invalid');
});

test.serial('a name that no Kura takes stands in no token: 403', async (t) => {
	for (const name of ['ab', 'a..b', '.abc', 'abc_', 'a-b-c', 'zoë', 'a b c']) {
		await service.add(name, password);
		t.is(codeOf(await call('POST', issue, { basic: [name, password] })), '403 name-unfit', name);
	}
	t.is(codeOf(await call('POST', issue, { basic: ['a..b', 'a wrong password'] })), '401 bad-credentials');
});

test.serial('a page of another site is given none', async (t) => {
	const { name } = await someone();
	for (const path of [issue, refresh]) {
		const headers = { ...plain, 'Sec-Fetch-Site': 'cross-site', Origin: 'https://evil.example' };
		const answer = await call('POST', path, { basic: [name, password], headers, body: 'x' });
		t.is(codeOf(answer), '403 cross-site');
	}
});

/*
 * Refresh tokens.
 */

test.serial('a body that is no refresh token is told what is wrong with it', async (t) => {
	const { name } = await someone();
	const { refreshToken, accessToken } = await issued(name);
	for (const empty of ['', ' \n ']) t.is(codeOf(await renew(empty)), '400 malformed');
	t.is(codeOf(await renew(Buffer.from([0xff, 0xfe]))), '400 malformed');
	for (const text of ['x', accessToken, refreshToken.slice(0, -1), `${refreshToken}x`, `"${refreshToken}"`])
		t.is(codeOf(await renew(text)), '401 token-malformed', text);
	t.is(codeOf(await renew(`lkr_${'a'.repeat(43)}.${'b'.repeat(43)}`)), '401 token-invalid');
	t.is(codeOf(await renew('x'.repeat(8192))), '401 token-malformed');
	t.is(codeOf(await renew('x'.repeat(8193))), '413 too-large');
	t.is(codeOf(await renew('x'.repeat(100_000))), '413 too-large');
	t.is(codeOf(await renew(refreshToken, { 'Content-Type': 'application/json' })), '415 unsupported-type');
	t.is((await renew(`${refreshToken}\n`, { 'Content-Type': 'text/plain; charset=UTF-8' })).status, 200);
});

test.serial('a refresh token is good once, and a second use ends all that came of it', async (t) => {
	const { name } = await someone();
	const [first, other] = [await issued(name), await issued(name)];
	const second = pairOf(await renew(first.refreshToken));
	const third = pairOf(await renew(second.refreshToken));
	t.is((await whoIs(third.accessToken)).status, 200);
	t.is(codeOf(await renew(first.refreshToken)), '401 token-invalid');
	t.like(service.audit().at(-1), { act: 'token-refresh', outcome: 'refused', reason: 'token-reused', identity: name });
	t.is(codeOf(await renew(third.refreshToken)), '401 token-invalid', 'the thief and the owner look alike');
	t.is((await renew(other.refreshToken)).status, 200, 'what came of another issue goes on');
});

test.serial('of fifty uses at once one gets a pair, and no other is got with it', async (t) => {
	const { name } = await someone();
	const { refreshToken } = await issued(name);
	const answers = await Promise.all(Array.from({ length: 50 }, () => renew(refreshToken)));
	const pairs = answers.filter(({ status }) => status === 200).map(pairOf);
	t.is(pairs.length, 1);
	t.deepEqual([...new Set(answers.map(({ status }) => status))].sort(), [200, 401]);
	t.is(codeOf(await renew(pairs[0]?.refreshToken ?? '')), '401 token-invalid');
});

test.serial('it is used within its time', async (t) => {
	const { name } = await someone();
	const [one, other] = [await issued(name), await issued(name)];
	clock.wind(899_999);
	const next = pairOf(await renew(one.refreshToken));
	clock.wind(1);
	t.is(codeOf(await renew(other.refreshToken)), '401 token-expired');
	t.is(codeOf(await renew(other.refreshToken)), '401 token-invalid', 'and is gone then');
	t.is((await renew(next.refreshToken)).status, 200);
});

test.serial('a family lives no longer than a session may', async (t) => {
	const { name } = await someone();
	let { refreshToken, refreshTokenExpiresInSeconds } = await issued(name);
	let seconds = 0;
	for (let rounds = 0; rounds < 100 && refreshTokenExpiresInSeconds > 0; rounds += 1) {
		const pause = Math.min(600, refreshTokenExpiresInSeconds - 1);
		if (pause <= 0) break;
		clock.wind(pause * 1000);
		seconds += pause;
		({ refreshToken, refreshTokenExpiresInSeconds } = pairOf(await renew(refreshToken)));
	}
	t.is(seconds, 43_200 - 1);
	clock.wind(1000);
	t.is(codeOf(await renew(refreshToken)), '401 token-expired');
});

test.serial('what a session was asked with ends with the session, and keeps it alive', async (t) => {
	const { name, id } = await someone();
	for (const end of ['logout', 'session end'] as const) {
		const browser = createClient(service);
		await browser.login(name, password);
		let { refreshToken } = pairOf(await browser.post(issue));
		for (let rounds = 0; rounds < 4; rounds += 1) {
			clock.wind(10 * minuteMs);
			({ refreshToken } = pairOf(await renew(refreshToken)));
		}
		t.is((await browser.me()).status, 200);
		if (end === 'logout') await browser.logout();
		else await sessions.endOf(id, {}, operator);
		t.is(codeOf(await renew(refreshToken)), '401 token-invalid', end);
	}
	const browser = createClient(service);
	await browser.login(name, password);
	const { refreshToken } = pairOf(await browser.post(issue));
	clock.wind(14 * minuteMs);
	t.is((await renew(refreshToken)).status, 200);
});

/*
 * Access tokens that are none.
 */

test.serial('an access token is taken for its time, with 30 seconds for clocks that differ', async (t) => {
	const { name } = await someone();
	const { accessToken } = await issued(name);
	const issuedAt = clock.now();
	clock.wind(89_000 - (issuedAt % 1000));
	t.is((await whoIs(accessToken)).status, 200);
	clock.wind(1000);
	const answer = await whoIs(accessToken);
	t.is(codeOf(answer), '401 token-expired');
	t.is(answer.headers['www-authenticate'], 'Bearer error="invalid_token"');
});

test.serial('what somebody else made, or changed, is no access token', async (t) => {
	const { name } = await someone({ permissions: ['kura.admin'] });
	const { accessToken } = await issued(name);
	const [header = '', payload = '', signature = ''] = accessToken.split('.');
	const { kid } = decodeProtectedHeader(accessToken);
	const claims = decodeJwt(accessToken);
	const jwk = (await keys()).keys[0] ?? {};
	const foreign = await crypto.subtle.generateKey(
		{ name: 'RSASSA-PKCS1-v1_5', modulusLength: 2048, publicExponent: new Uint8Array([1, 0, 1]), hash: 'SHA-256' },
		true,
		['sign', 'verify'],
	);
	const foreignKey = foreign.privateKey;
	const asText = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
	const publicPem = createPublicKey({ key: jwk, format: 'jwk' }).export({ type: 'spki', format: 'pem' }) as string;
	const hmac = (secret: string | Uint8Array) =>
		new SignJWT(claims)
			.setProtectedHeader({ alg: 'HS256', kid: kid ?? '' })
			.sign(typeof secret === 'string' ? new TextEncoder().encode(secret) : secret);
	const byForeign = (more: object = {}) =>
		new SignJWT(claims).setProtectedHeader({ alg: 'RS256', kid: kid ?? '', ...more }).sign(foreignKey);
	const forged: Record<string, string> = {
		'alg none': `${asText({ alg: 'none' })}.${payload}.`,
		'alg none, with the kid': `${asText({ kid, alg: 'none' })}.${payload}.`,
		'no signature': `${header}.${payload}.`,
		'alg none, with the signature': `${asText({ kid, alg: 'none' })}.${payload}.${signature}`,
		'HS256 with the public key': await hmac(publicPem),
		'HS256 with the modulus': await hmac(Buffer.from(String(jwk.n), 'base64url')),
		'another key': await byForeign(),
		'a key of its own in the header': await byForeign({ jwk: await crypto.subtle.exportKey('jwk', foreign.publicKey) }),
		'another payload': `${header}.${asText({ ...claims, exp: Number(claims.exp) + 1000 })}.${signature}`,
		'another subject': `${header}.${asText({ ...claims, sub: 'user.1' })}.${signature}`,
		'RS512 in the header': `${asText({ kid, alg: 'RS512' })}.${payload}.${signature}`,
		'a header with more in it': `${asText({ kid, alg: 'RS256', crit: ['x'] })}.${payload}.${signature}`,
		'a signature of zeros': `${header}.${payload}.${Buffer.alloc(256).toString('base64url')}`,
		'a longer signature': `${accessToken}AAAA`,
	};
	for (const [says, token] of Object.entries(forged)) {
		const answer = await whoIs(token);
		t.is(codeOf(answer), '401 token-invalid', says);
		t.is(answer.headers['www-authenticate'], 'Bearer error="invalid_token"', says);
	}
	t.is((await whoIs(accessToken)).status, 200);
});

test.serial('a token of our own key with other claims is none', async (t) => {
	const { name, id } = await someone();
	const { accessToken } = await issued(name);
	const claims = decodeJwt(accessToken);
	const { privateKey, kid } = await service.service.core.tokenPairs.signingKey();
	const seconds = Math.floor(clock.now() / 1000);
	const signed = (more: object) =>
		new SignJWT({ ...claims, ...more }).setProtectedHeader({ kid, alg: 'RS256' }).sign(privateKey);
	t.is((await whoIs(await signed({}))).status, 200, 'the same claims are taken');
	t.is((await whoIs(await signed({ nbf: seconds + 30, iat: seconds + 30 }))).status, 200, '30 seconds ahead');
	const wrong: Record<string, object> = {
		'nbf 31 seconds ahead': { nbf: seconds + 31 },
		'iat 31 seconds ahead': { iat: seconds + 31 },
		'a life of more than an hour': { exp: seconds + 3601 },
		'a list of audiences': { aud: [audience, 'x'] },
		'no exp': { exp: undefined },
		'no nbf': { nbf: undefined },
		'an exp that is a text': { exp: String(seconds + 60) },
		'no sub': { sub: undefined },
		'another sub': { sub: 'user.1' },
		'no jti': { jti: undefined },
		'the jti of nobody': { jti: '00000000-0000-0000-0000-000000000000.aaaaaaaaaaaaaaaaaaaaaa.'.padEnd(102, 'a') },
		'a jti that is bound to nothing': { jti: `${id}.aaaaaaaaaaaaaaaaaaaaaa.${'a'.repeat(43)}` },
	};
	for (const [says, more] of Object.entries(wrong)) {
		t.is(codeOf(await whoIs(await signed(more))), '401 token-invalid', says);
	}
	t.is(codeOf(await whoIs(await signed({ exp: seconds - 30 }))), '401 token-expired');
	for (const more of [{ aud: '/token/jwt/v1/refresh' }, { aud: undefined }, { iss: 'kura' }, { iss: undefined }]) {
		const answer = await whoIs(await signed(more));
		t.is(codeOf(answer), '401 session-missing', `${JSON.stringify(more)}: it is of another program`);
	}
});

test.serial('an access token is taken from Authorization: Bearer alone', async (t) => {
	const { name } = await someone();
	const { accessToken, refreshToken } = await issued(name);
	for (const [path, headers] of [
		[`${me}?access_token=${accessToken}`, {}],
		[me, { Cookie: `JSESSIONID=${accessToken}` }],
		[me, { Authorization: `Token ${accessToken}` }],
		[me, { 'X-Access-Token': accessToken }],
	] as const) {
		t.is((await call('GET', path, { headers })).status, 401);
	}
	t.is(codeOf(await whoIs(refreshToken)), '401 token-invalid', 'and a refresh token opens nothing');
	const browser = createClient(service);
	await browser.login(name, password);
	const both = await browser.get(me, { Authorization: `Bearer ${accessToken}x` });
	t.is(codeOf(both), '401 token-invalid', 'a request that shows one is judged by it');
});

test.serial('many wrong ones are too many for that address, from where right ones pass', async (t) => {
	const { name } = await someone();
	const { accessToken } = await issued(name);
	clock.wind(10 * minuteMs);
	const right = (await issued(name)).accessToken;
	const statuses = [];
	for (let tries = 0; tries < 102; tries += 1) statuses.push((await whoIs(`${right.slice(0, -8)}AAAAAAAA`)).status);
	t.deepEqual([statuses[0], statuses.at(-1)], [401, 429]);
	t.is((await whoIs(right)).status, 200);
	t.is(codeOf(await whoIs(accessToken)), '401 token-expired', 'one that was right costs nothing');
	clock.wind(10 * minuteMs);
});

test.serial('no log and no audit has a token', (t) => {
	const text = JSON.stringify(service.lines);
	t.true(secrets.length > 50);
	for (const secret of secrets) t.false(text.includes(secret.slice(-40)));
	const acts = new Set(service.audit().map(({ act }) => act));
	t.true(acts.has('token-issue') && acts.has('token-refresh'));
});

test('switched off, nothing is there, and a token of the past is nobody’s', async (t) => {
	const { name } = await someone();
	const { accessToken } = await issued(name);
	const off = await startService({ auth: { basic: true } }, clock);
	t.teardown(() => off.close());
	await off.add(name, password);
	const caller = createClient(off);
	for (const [method, path] of [
		['POST', issue],
		['POST', refresh],
		['GET', keySet],
	] as const) {
		t.is(codeOf(await caller.send(path, { method, basic: [name, password] })), '404 not-found');
	}
	t.is(codeOf(await caller.send(me, bearer(accessToken))), '401 session-missing');
});

test('the key is of the installation, and stays', async (t) => {
	const settings = { auth: { basic: true }, dialects: { kuraTokens: { enabled: true } } };
	const other = await startService(settings, clock);
	t.teardown(() => other.close());
	const set = (await createClient(other).get(keySet)).body as JSONWebKeySet;
	t.regex(set.keys[0]?.kid ?? '', /^latchkey-[0-9a-f]{8}$/);
	t.notDeepEqual(set, await keys());
	const again = await Promise.all([1, 2, 3].map(async () => (await createClient(other).get(keySet)).body));
	for (const each of again) t.deepEqual(each, set);
});
