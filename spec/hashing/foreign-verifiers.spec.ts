import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import test from 'ava';
import type { IdentityName, PasswordVerifier } from '../../src/core/identity.ts';
import type { Password } from '../../src/core/password.ts';
import type { NoteStore } from '../../src/core/stores.ts';
import { createArgon2Hasher } from '../../src/hashing/argon2.ts';
import { createHashThreads } from '../../src/hashing/pool.ts';
import { createSlowKinds } from '../../src/hashing/slow-kinds.ts';
import { tryVerifier } from '../../src/hashing/try-verifier.ts';
import { createClient } from '../_support/client.ts';
import { startService, type TestService } from '../_support/service.ts';

/* Verifiers that other programs made: each opens one session, and is made anew. */

const base64 = (hex: string) => Buffer.from(hex, 'hex').toString('base64').replace(/=+$/, '');
const salted = (salt: string) => base64(Buffer.from(salt).toString('hex'));

/** Sources: jBCrypt and Openwall's crypt_blowfish; RFC 7914, 12; passlib; Drepper's SHA-crypt. */
const cheap: readonly (readonly [says: string, password: string, verifier: string])[] = [
	['bcrypt 2a', 'abc', '$2a$06$If6bvum7DFjUnE9p2uDeDu0YHzrHM6tf.iqN8.yx.jNN1ILEf7h0i'],
	['bcrypt 2y', 'U*U', '$2y$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW'],
	['bcrypt 2b', 'abcdefghijklmnopqrstuvwxyz', '$2b$06$.rCVZVOThsIa97pEDOxvGuRRgzG64bvtJ0938xuqzv18d3ZpQhstC'],
	[
		'scrypt of RFC 7914',
		'pleaseletmein',
		`$scrypt$ln=14,r=8,p=1$${salted('SodiumChloride')}$${base64('7023bdcb3afd7348461c06cd81fd38ebfda8fbba904f8e3ea9b543f6545da1f2d5432955613f0fcf62d49705242a9af9e61e85dc0d651e40dfcf017b45575887')}`,
	],
	[
		'scrypt of RFC 7914 with 16 lanes',
		'password',
		`$scrypt$ln=10,r=8,p=16$${salted('NaCl')}$${base64('fdbabe1c9d3472007856e7190d01e9fe7c6ad7cbc8237830e77376634b3731622eaf30d92e22a3886ff109279d9830dac727afb94a83ee6d8360cbdfa2cc0640')}`,
	],
	[
		'PBKDF2 of passlib',
		'password',
		'$pbkdf2-sha256$1212$4vjV83LKPjQzk31VI4E0Vw$hsYF68OiOUPdDZ1Fg.fJPeq1h/gXXY7acBp9/6c.tmQ',
	],
	[
		'PBKDF2 with SHA-512',
		'password',
		'$pbkdf2-sha512$1212$RHY0Fr3IDMSVO/RSZyb5ow$eNLfBK.eVozomMr.1gYa17k9B7KIK25NOEshvhrSX.esqY3s.FvWZViXz4KoLlQI.BzY/YTNJOiKc5gBYFYGww',
	],
	[
		'scrypt of passlib',
		'password',
		'$scrypt$ln=16,r=8,p=1$aM15713r3Xsvxbi31lqr1Q$nFNh2CVHVjNldFVKDHDlm4CbdRSCdEBsjjJxD+iCs5E',
	],
	['SHA-crypt 5', 'Hello world!', '$5$saltstring$5B8vYYiY.CVt1RlTTf8KbXBH3hsxY/GNooZaBBGWEc5'],
	[
		'SHA-crypt 6',
		'Hello world!',
		'$6$rounds=10000$saltstringsaltst$OW1/O6BYHV6BcXZu8QVeXbDWra3Oeqh0sbHbbMCVNSnCM/UrjmM0Dp8vOuZeHBy/YTBmSK6H9qs/y3RnOaw5v.',
	],
];

const drepper: readonly (readonly [password: string, verifier: string])[] = [
	[
		'Hello world!',
		'$6$saltstring$svn8UoSVapNtMuq1ukKS4tPQd8iKwSMHWjl/O817G3uBnIFNjnQJuesI68u4OTLiBFdcbYEdFCoEOfaS35inz1',
	],
	['Hello world!', '$5$rounds=10000$saltstringsaltst$3xv.VbSHBb41AL9AvLeujZkZRBAwqFMz2.opqey6IcA'],
	['This is just a test', '$5$rounds=5000$toolongsaltstrin$Un/5jzAHMgOGZ5.mWJpuVolil07guHPvOW8mGRcvxa5'],
	[
		'This is just a test',
		'$6$rounds=5000$toolongsaltstrin$lQ8jolhgVRVhY4b5pZKaysCLi0QBxGoNeKQzQ3glMhwllF7oGDZxUhx1yxdYcz/e1JSbq3y6JMxxl8audkUEm0',
	],
	[
		'a very much longer text to encrypt.  This one even stretches over morethan one line.',
		'$6$rounds=1400$anotherlongsalts$POfYwTEok97VWcjxIiSOjiykti.o/pQs.wPvMxQ6Fm7I6IoYN3CmLs66x9t0oSwbtEW7o7UmJEiDwGqd8p4ur1',
	],
	[
		'we have a short salt string but not a short password',
		'$5$rounds=77777$short$JiO1O3ZpDAxGJeaDIuqCoEFysAe1mZNJRs3pw0KQRd/',
	],
	['a short string', '$5$rounds=123456$asaltof16chars..$gP3VQ/6X7UUEW3HkBn2w1/Ptq2jxPyzV/cZKmF/wJvD'],
	[
		'the minimum number is still observed',
		'$6$rounds=1000$roundstoolow$kUMsbe306n21p9R.FRkW3IGn.S9NPN0x50YhH1xhLsPuWGsUSklZt58jaTfF4ZEQpyUNGc0dqbpBYYBaHHrsX.',
	],
];

const digest43 = 'A'.repeat(43);
const unusable: readonly (readonly [says: string, verifier: string])[] = [
	['bcrypt of cost 15', '$2b$15$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW'],
	['bcrypt of cost 31', '$2b$31$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW'],
	['bcrypt of cost 3', '$2b$03$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW'],
	['the faulty bcrypt of PHP', '$2x$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW'],
	['scrypt of 2^40 blocks', `$scrypt$ln=40,r=8,p=1$AAAAAAAAAAAAAAAAAAAAAA$${digest43}`],
	['scrypt of 2^9999999999 blocks', `$scrypt$ln=9999999999,r=8,p=1$AAAAAAAAAAAAAAAAAAAAAA$${digest43}`],
	['scrypt of much memory', `$scrypt$ln=10,r=1048576,p=1$AAAAAAAAAAAAAAAAAAAAAA$${digest43}`],
	['scrypt of many lanes', `$scrypt$ln=14,r=8,p=65536$AAAAAAAAAAAAAAAAAAAAAA$${digest43}`],
	['PBKDF2 of a thousand million iterations', `$pbkdf2-sha256$1000000000$AAAAAAAAAAAAAAAAAAAAAA$${digest43}`],
	['PBKDF2 of more bytes than the hash has', `$pbkdf2-sha256$1000$AAAAAAAAAAAAAAAAAAAAAA$${'A'.repeat(86)}`],
	['PBKDF2 with SHA-1', '$pbkdf2$1000$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAA'],
	['SHA-crypt of a thousand million rounds', `$5$rounds=999999999$saltstring$${digest43}`],
	['SHA-crypt of fewer rounds than there may be', `$5$rounds=999$saltstring$${digest43}`],
	['SHA-crypt without a salt', `$5$$${digest43}`],
	['MD5-crypt', '$apr1$qHDFfhPC$nITSVHgYbDAK1Y0acGRnY0'],
	['SHA-1', '{SHA}W6ph5Mm5Pz8GgiULbPgzG37mj9g='],
	['a NUL', `$5$salt\0string$${digest43}`],
];

let service: TestService;
test.before(async () => {
	service = await startService({ attempts: { limit: 1000 } });
});
test.after.always(() => service?.close());

async function add(name: string, verifier: string): Promise<void> {
	const wanted = { passwordVerifier: verifier as PasswordVerifier, permissions: [], passwordChangeNeeded: false };
	const { identities } = service.service.core;
	const added = await identities.add({ name: name as IdentityName, ...wanted, policy: false }, { actor: 'operator' });
	if (!added.ok) throw new Error(added.refusal.kind);
}

async function kept(name: string): Promise<string | undefined> {
	return (await service.service.core.identities.findByName(name as IdentityName))?.passwordVerifier;
}

for (const [says, password, verifier] of cheap) {
	test.serial(`${says}: opens a session, is made anew, and the password goes on`, async (t) => {
		t.true(service.service.core.isUsableVerifier(verifier as PasswordVerifier));
		await add(says, verifier);
		t.is((await createClient(service).login(says, `${password}.`)).status, 401);
		t.is(await kept(says), verifier);
		t.is((await createClient(service).login(says, password)).status, 200);
		t.regex((await kept(says)) ?? '', /^\$argon2id\$v=19\$m=64,t=1,p=1\$/);
		t.is((await createClient(service).login(says, password)).status, 200);
		t.is((await createClient(service).login(says, `${password}.`)).status, 401);
	});
}

test.serial('bcrypt counts the first 72 bytes; made anew, every byte counts', async (t) => {
	const verifier = '$2a$05$abcdefghijklmnopqrstuu5s2v8.iXieOjg/.AySBTTZIIVFJeBui';
	const password = '0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789chars after 72 are ignored';
	await add('long', verifier);
	t.is((await createClient(service).login('long', password)).status, 200);
	t.is((await createClient(service).login('long', `${password}.`)).status, 401);
	t.is((await createClient(service).login('long', password)).status, 200);
});

for (const [password, verifier] of drepper) {
	test(`as in the specification: ${verifier.slice(0, 34)}`, (t) => {
		t.true(tryVerifier(verifier, password));
		t.false(tryVerifier(verifier, `${password} `));
	});
}

for (const [index, [says, verifier]] of unusable.entries()) {
	test.serial(`${says} is no verifier, and never run where one is stored`, async (t) => {
		t.false(service.service.core.isUsableVerifier(verifier as PasswordVerifier));
		t.throws(() => tryVerifier(verifier, 'any'), { message: 'not a verifier that may be tried' });
		const name = `unusable-${index}`;
		await add(name, verifier);
		t.is((await createClient(service).login(name, 'U*U')).status, 401);
		t.true(service.lines.some((line) => line.identity === name && /cannot be used/.test(String(line.msg))));
		t.is(await kept(name), verifier);
	});
}

function notesOf(): Pick<NoteStore, 'find' | 'put'> & { readonly kept: Map<string, string> } {
	const notes = new Map<string, string>();
	return {
		kept: notes,
		find: async (key) => notes.get(key),
		async put(key, value) {
			if (value === undefined) notes.delete(key);
			else notes.set(key, value);
		},
	};
}

const parameters = { memory: 64, iterations: 1, parallelism: 1 };
const slow = '$2b$09$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW' as PasswordVerifier;
const quick = '$2b$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW' as PasswordVerifier;
const sha = '$5$saltstring$5B8vYYiY.CVt1RlTTf8KbXBH3hsxY/GNooZaBBGWEc5' as PasswordVerifier;

test('of each kind the slowest is known, and nothing of anybody is kept twice', async (t) => {
	const notes = notesOf();
	const kinds = createSlowKinds(notes, parameters);
	t.deepEqual(await kinds.decoys(), []);
	for (const verifier of [quick, slow, quick, sha]) await kinds.announce(verifier);
	const decoys = await kinds.decoys();
	t.deepEqual(
		decoys.map((decoy) => decoy.replace(/(?<=^\$[^$]+\$[^$]+\$).*/, '')),
		['$2b$09$', '$5$rounds=5000$'],
	);
	for (const each of decoys) t.false(/CCCC|saltstring|5B8v|E5YP/.test(each));
	await kinds.announce(slow);
	t.deepEqual(await kinds.decoys(), decoys);
	// What is made now, and what is quicker, is no kind of its own; what is slower is.
	await kinds.announce('$argon2id$v=19$m=64,t=1,p=1$c29tZXNhbHRzb21lc2FsdA$c29tZXNhbHRzb21lc2FsdA' as PasswordVerifier);
	t.is((await kinds.decoys()).length, 2);
	await kinds.announce('$argon2id$v=19$m=64,t=2,p=1$c29tZXNhbHRzb21lc2FsdA$c29tZXNhbHRzb21lc2FsdA' as PasswordVerifier);
	t.is((await kinds.decoys()).length, 3);
	await kinds.recount(async () => [quick, undefined]);
	t.deepEqual(
		(await kinds.decoys()).map((decoy) => decoy.slice(0, 7)),
		['$2b$05$'],
	);
	// One that is announced while the list is read stays.
	await kinds.recount(async () => {
		await kinds.announce(slow);
		return [];
	});
	t.deepEqual(
		(await kinds.decoys()).map((decoy) => decoy.slice(0, 7)),
		['$2b$09$'],
	);
	await kinds.recount(async () => []);
	t.is(notes.kept.size, 0);
});

test('with a slow kind in the store, everybody is tried for as long: nobody, and those made now', async (t) => {
	const took: number[] = [];
	const threads = createHashThreads(1, (ms) => took.push(ms));
	t.teardown(() => threads.close());
	const kinds = createSlowKinds(notesOf(), parameters);
	const hasher = createArgon2Hasher(parameters, threads, kinds);
	const current = await hasher.make('four brown bears' as Password);
	/** The quickest of some: other work on this machine makes some slower, and none quicker. */
	const quickest = async (verifier: PasswordVerifier) => {
		took.length = 0;
		for (let round = 0; round < 8; round += 1) t.false(await hasher.matches(verifier, 'not it' as Password));
		return Math.min(...took);
	};
	const before = await quickest(hasher.decoy);
	await kinds.announce(slow);
	const setting = await quickest(slow);
	t.true(setting > 20 * before, `${setting} ms, ${before} ms`);
	for (const [says, verifier] of [
		['nobody', hasher.decoy],
		['made now', current],
		['quicker', quick],
		['another kind', sha],
	] as const) {
		const lasts = await quickest(verifier);
		t.true(lasts > 0.6 * setting, `${says}: ${lasts} ms, where the slowest takes ${setting} ms`);
	}
	await kinds.recount(async () => []);
	const after = await quickest(hasher.decoy);
	t.true(after < setting / 4, `${after} ms`);
});

test.serial('the service keeps beside identities what is slow, and forgets it once all are made anew', async (t) => {
	const { core } = service.service;
	const noted = () => {
		const database = new DatabaseSync(join(service.folder, 'data', 'latchkey.db'), { readOnly: true });
		try {
			return database.prepare("SELECT value FROM note WHERE key = 'slow-verifiers'").get()?.value;
		} finally {
			database.close();
		}
	};
	await add('sam', slow);
	t.regex(String(noted()), /\$2b\$09\$/);
	for (const { id } of await core.identities.list())
		await core.identities.remove(id, { actor: 'operator' }, 'may-be-last');
	await core.recountVerifiers();
	t.is(noted(), undefined);
});
