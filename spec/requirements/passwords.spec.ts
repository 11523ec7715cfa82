import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { hash } from '@node-rs/argon2';
import test from 'ava';
import type { IdentityName, PasswordVerifier } from '../../src/core/identity.ts';
import type { Password } from '../../src/core/password.ts';
import { type Argon2Parameters, createArgon2Hasher } from '../../src/hashing/argon2.ts';
import { createHashThreads } from '../../src/hashing/pool.ts';
import { hashCount } from '../_support/hash-count.ts';
import { startService, type TestService } from '../_support/service.ts';
import { ask, base, login, me, signIn } from './ask.ts';

/* How passwords are kept, and which are taken. Sources: OWASP ASVS 5.0 6.2 and 11.4.2, NIST SP 800-63B-4. */

const password = 'four brown bears';

let service: TestService;

test.before(async () => {
	service = await startService({ passwordHash: { memory: 128, iterations: 2, parallelism: 1 } });
});

test.after.always(() => service.close());

const threads = createHashThreads(1);
test.after.always(() => threads.close());

const hasherOf = (parameters: Argon2Parameters) => createArgon2Hasher(parameters, threads);

function verifierOf({ folder }: TestService, name: string): string {
	const db = new DatabaseSync(join(folder, 'data/latchkey.db'), { readOnly: true });
	const row = db.prepare('SELECT password_verifier FROM identity WHERE name = ?').get(name);
	db.close();
	return String(row?.password_verifier);
}

async function addWithVerifier(name: string, verifier: string) {
	const wanted = { name: name as IdentityName, permissions: [], passwordChangeNeeded: false, policy: false };
	const passwordVerifier = verifier as PasswordVerifier;
	const added = await service.service.core.identities.add({ ...wanted, passwordVerifier }, { actor: 'operator' });
	if (!added.ok) throw new Error(added.refusal.kind);
}

test('by default a password is kept as argon2id of 46 MiB with its own salt, and in no other way', async (t) => {
	const usual = await startService({ passwordHash: undefined });
	t.teardown(() => usual.close());
	await usual.add('ann', password);
	await usual.add('bob', password);
	await login(usual.url, 'ann', password);
	const shape = /^\$argon2id\$v=19\$m=47104,t=1,p=1\$([A-Za-z0-9+/]+)\$[A-Za-z0-9+/]{43}$/;
	const verifiers = ['ann', 'bob'].map((name) => verifierOf(usual, name));
	for (const verifier of verifiers) {
		t.regex(verifier, shape);
		t.is(Buffer.from(shape.exec(verifier)?.[1] ?? '', 'base64').length, 16);
	}
	t.not(verifiers[0], verifiers[1]);
	const digest = createHash('sha256').update(password).digest();
	const forms = [password, digest.toString('hex'), digest.toString('base64'), Buffer.from(password).toString('base64')];
	const data = join(usual.folder, 'data');
	const files = readdirSync(data).map((file) => readFileSync(join(data, file)));
	t.true(files.some((file) => file.includes(verifiers[0] ?? '-')));
	for (const form of [...forms, digest]) t.false(files.some((file) => file.includes(form)));
});

const legacy: readonly (readonly [says: string, verifier: () => Promise<string>])[] = [
	['with other parameters', () => hash(password, { memoryCost: 64, timeCost: 1, parallelism: 1 })],
	['as Kura kept it', async () => `$kura-sha256$${createHash('sha256').update(password).digest('base64')}`],
];

for (const [says, make] of legacy) {
	test(`a password kept ${says} opens a session, and is kept as we keep it from then on`, async (t) => {
		const old = await make();
		await addWithVerifier(says, old);
		t.is((await login(service.url, says, 'not it')).status, 401);
		t.is(verifierOf(service, says), old);
		t.is((await login(service.url, says, password)).status, 200);
		t.regex(verifierOf(service, says), /^\$argon2id\$v=19\$m=128,t=2,p=1\$/);
		t.is((await login(service.url, says, password)).status, 200);
	});
}

test.serial('what the password of nobody is compared with looks as any other verifier, and fits nothing', async (t) => {
	const parameters = { memory: 128, iterations: 2, parallelism: 1 };
	const hasher = hasherOf(parameters);
	const shapeOf = (verifier: string) => verifier.split('$').map((part, at) => (at < 4 ? part : part.length));
	t.deepEqual(shapeOf(hasher.decoy), shapeOf(await hasher.make(password as Password)));
	t.is(hasher.assess(hasher.decoy), 'current');
	t.not(hasher.decoy, hasherOf(parameters).decoy);
	for (const tried of [password, '', hasher.decoy]) t.false(await hasher.matches(hasher.decoy, tried as Password));
});

test.serial('however small the parameters, a verifier of lesser ones is tried', async (t) => {
	const lesser = (await hash(password, { memoryCost: 16, timeCost: 1, parallelism: 2 })) as PasswordVerifier;
	for (let memory = 16; memory <= 64; memory += 1) {
		for (const iterations of [1, 2, 3, 7]) {
			const hasher = hasherOf({ memory, iterations, parallelism: 2 });
			t.true(await hasher.matches(lesser, password as Password), `${memory} KiB, ${iterations} passes`);
		}
	}
});

test.serial('a password kept with lesser parameters takes no less time to try than one kept as now', async (t) => {
	const own = createHashThreads(1);
	t.teardown(() => own.close());
	const hasher = createArgon2Hasher({ memory: 65_536, iterations: 2, parallelism: 1 }, own);
	const timeOf = async (verifier: PasswordVerifier) => {
		const startedAt = performance.now();
		t.false(await hasher.matches(verifier, 'not it' as Password));
		return performance.now() - startedAt;
	};
	const current = await hasher.make(password as Password);
	const older = (await hash(password, { memoryCost: 64, timeCost: 1, parallelism: 1 })) as PasswordVerifier;
	// The quickest of all rounds: other work on this machine makes some slower, and none quicker.
	let [lesser, greater] = [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY];
	for (let round = 0; round < 4 || (round < 40 && lesser <= greater * 0.6); round += 1) {
		greater = Math.min(greater, await timeOf(current));
		lesser = Math.min(lesser, await timeOf(older));
	}
	t.true(lesser > greater * 0.6, `${lesser} ms, where one made now takes ${greater} ms`);
});

const excessive = [
	'$argon2id$v=19$m=4194304,t=1,p=1$c29tZXNhbHRzb21lc2FsdA$bm90IGEgcmVhbCBkaWdlc3Qgb2YgYW55dGhpbmc',
	'$argon2id$v=19$m=64,t=4000000,p=1$c29tZXNhbHRzb21lc2FsdA$bm90IGEgcmVhbCBkaWdlc3Qgb2YgYW55dGhpbmc',
	'$argon2id$v=19$m=64,t=1,p=200$c29tZXNhbHRzb21lc2FsdA$bm90IGEgcmVhbCBkaWdlc3Qgb2YgYW55dGhpbmc',
	'{SHA}plain nonsense',
];

for (const [at, verifier] of excessive.entries()) {
	test.serial(`a verifier that would keep us busy, or is none, is not run: ${verifier.slice(0, 36)}`, async (t) => {
		await addWithVerifier(`excessive ${at}`, verifier);
		// Kilobytes, at the most until now. That nothing ran for minutes is seen by AVA.
		const most = () => process.resourceUsage().maxRSS;
		const before = most();
		t.is((await login(service.url, `excessive ${at}`, password)).status, 401);
		t.true(most() - before < 64 * 1024);
		t.true(service.lines.some(({ level, msg }) => level === 'error' && /verifier cannot be used/.test(String(msg))));
	});
}

const passphrase = 'staple battery horse correct';

const wishes: readonly (readonly [says: string, wish: string, status: number])[] = [
	['of 14 characters', 'a1b2c3d4e5f6gh', 400],
	['of 15 characters', 'a1b2c3d4e5f6ghi', 204],
	['of 15 characters that are 45 bytes', '茶碗茶匙急須茶筒盆皿箸匙湯呑鉢', 204],
	['of 64 characters', 'a1'.repeat(32), 204],
	['of 256 characters', 'a1'.repeat(128), 204],
	['of small letters only', passphrase, 204],
	['of spaces', ' '.repeat(20), 400],
	['that guessers try first', 'qwertyuiop123', 400],
	['that guessers try first, with digits', 'password12345678', 400],
	['that guessers try first, in capitals', 'PASSWORD12345678', 400],
	['with the name of its identity', 'the secret of wish-NN', 400],
	['with our name', 'latchkey latchkey 2026', 400],
	['with our name in capitals', '2026 LatchKey 2026', 400],
	['of more than 1024 bytes', 'a1'.repeat(513), 400],
	['with a NUL', 'four brown\0bears', 400],
	['with half a character', 'four brown \ud800 bears', 400],
];

for (const [at, [says, wish, status]] of wishes.entries()) {
	test(`a new password ${says} is ${status === 204 ? 'taken' : 'refused with a reason'}`, async (t) => {
		const name = `wish-${at}`;
		const next = wish.replace('wish-NN', name);
		await service.add(name, password);
		const jar = await signIn(service.url, name, password);
		const body = { currentPassword: password, newPassword: next };
		const answer = await ask(service.url, 'POST', `${base}/changePassword`, { body, headers: jar.headers });
		t.is(answer.status, status, answer.body);
		if (status === 400) t.true(JSON.parse(answer.body).message.length > 10);
		t.is((await login(service.url, name, status === 204 ? next : password)).status, 200);
	});
}

test("Kura's composition rules are there for who turns them on", async (t) => {
	const policy = { requireDigits: true, requireSpecialCharacters: true, requireBothCases: true, minLength: 4 };
	const strict = await startService({ passwordPolicy: policy });
	t.teardown(() => strict.close());
	await strict.add('ann', password);
	const { headers } = await signIn(strict.url, 'ann', password);
	const change = (newPassword: string) =>
		ask(strict.url, 'POST', `${base}/changePassword`, { body: { currentPassword: password, newPassword }, headers });
	for (const weak of ['Zbvx-Qrty', 'Zbvx4Qrty', 'zbvx4-qrty', 'ZBVX4-QRTY']) t.is((await change(weak)).status, 400);
	t.is((await change('Zbvx4-Qrty')).status, 204);
});

for (const bytes of [71, 72, 73, 255, 256]) {
	test(`every one of ${bytes} bytes of a password counts`, async (t) => {
		const name = `long ${bytes}`;
		const long = 'abcdefghij'.repeat(30).slice(0, bytes);
		await service.add(name, long);
		t.is((await login(service.url, name, `${long}x`)).status, 401);
		t.is((await login(service.url, name, long.slice(0, -1))).status, 401);
		t.is((await login(service.url, name, `${long.slice(0, -1)}x`)).status, 401);
		t.is((await login(service.url, name, long)).status, 200);
	});
}

test.serial(
	'a password that is too long to be one is refused before anything is hashed, for every identity',
	async (t) => {
		const counting = await startService({ metrics: { port: 0 } });
		t.teardown(() => counting.close());
		await counting.add('ann', password);
		const before = await hashCount(counting);
		for (const name of ['ann', 'nobody']) {
			for (const bytes of [4096, 60_000]) t.is((await login(counting.url, name, 'x'.repeat(bytes))).status, 400);
		}
		t.is(await hashCount(counting), before);
		await login(counting.url, 'nobody', password);
		t.is(await hashCount(counting), before + 1);
		// What was refused so was no guess: nothing was counted, nothing told.
		t.is(counting.audit().filter(({ act }) => act === 'login').length, 1);
	},
);

test('who changes a password must know the present one: ten wrong ones, and a wait; the session lives on', async (t) => {
	await service.add('typist', password);
	const jar = await signIn(service.url, 'typist', password);
	const change = (currentPassword: string) =>
		ask(service.url, 'POST', `${base}/changePassword`, {
			body: { currentPassword, newPassword: passphrase },
			headers: jar.headers,
		});
	t.is((await change('')).status, 400);
	for (let tries = 0; tries < 10; tries += 1) t.is((await change(`not it ${tries}`)).status, 401);
	const answer = await change(password);
	t.is(answer.status, 429);
	t.regex(answer.headers['retry-after'] ?? '', /^\d+$/);
	t.is(answer.headers['set-cookie'], undefined);
	// One counter for every way to try a password.
	t.is((await login(service.url, 'typist', password)).status, 429);
	t.is((await me(service.url, jar)).status, 200);
});

test('the same password is no new one', async (t) => {
	await service.add('stubborn', password);
	const jar = await signIn(service.url, 'stubborn', password);
	const body = { currentPassword: password, newPassword: password };
	t.is((await ask(service.url, 'POST', `${base}/changePassword`, { body, headers: jar.headers })).status, 400);
	t.is((await me(service.url, jar)).status, 200);
});

test('a password that an administrator sets must be changed at the first login', async (t) => {
	await service.add('root', password, { permissions: ['kura.admin'] });
	const { headers } = await signIn(service.url, 'root', password);
	const body = { name: 'newcomer', password: passphrase };
	t.is((await ask(service.url, 'POST', `${base}/identities`, { body, headers })).status, 201);
	t.true(JSON.parse((await login(service.url, 'newcomer', passphrase)).body).passwordChangeNeeded);
	const path = `${base}/identities/newcomer/password`;
	t.is((await ask(service.url, 'PUT', path, { body: { password: `${passphrase} 2` }, headers })).status, 204);
	t.true(JSON.parse((await login(service.url, 'newcomer', `${passphrase} 2`)).body).passwordChangeNeeded);
});

const defaults = [
	['admin', 'admin'],
	['admin', 'password'],
	['admin', 'kura'],
	['kura', 'kura'],
	['root', 'root'],
	['kismet', 'kismet'],
	['latchkey', 'latchkey'],
] as const;

test('a fresh installation has no login that anybody knows', async (t) => {
	const dialects = { kismet: { enabled: true }, insights: { enabled: true } };
	const resources = [{ path: '/x', permission: 'x', upstream: 'http://127.0.0.1:9' }];
	const fresh = await startService({ auth: { basic: true }, dialects, resources });
	t.teardown(() => fresh.close());
	for (const [name, word] of defaults) {
		t.is((await login(fresh.url, name, word)).status, 401);
		const Authorization = `Basic ${Buffer.from(`${name}:${word}`).toString('base64')}`;
		for (const path of ['/x', '/session/check_session', '/services/auth/v1/verify?permission=x']) {
			const { status } = await ask(fresh.url, 'GET', path, { headers: { Authorization } });
			t.true(status === 401 || status === 404 || status === 500, `${name}: ${path}: ${status}`);
		}
	}
});
