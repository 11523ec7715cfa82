import { hashSync } from '@node-rs/argon2';
import test from 'ava';
import type { IdentityName, PasswordVerifier } from '../../src/core/identity.ts';
import { createClient } from '../_support/client.ts';
import { openWorkplace } from '../_support/command-line.ts';
import { hashCount } from '../_support/hash-count.ts';
import { startService, type TestService } from '../_support/service.ts';

/* Verifiers from elsewhere: what stands in a store is tried, or is nobody's; and never is it told which. */

const salt = '$c29tZXNhbHRzb21lc2FsdA$';
const digest = 'A'.repeat(43);
const secret = 'nobody guesses this';

const useless: readonly (readonly [says: string, verifier: string])[] = [
	['less memory than its lanes need', `$argon2id$v=19$m=8,t=1,p=4${salt}${digest}`],
	['a parameter that is none', `$argon2id$v=19$m=19456,t=2,p=1,x${salt}${digest}`],
	['a parameter of its own', `$argon2id$v=19$m=19456,t=2,p=1,keyid=abc${salt}${digest}`],
	['another order', `$argon2id$v=19$t=2,m=19456,p=1${salt}${digest}`],
	['zeros in front', `$argon2id$v=19$m=019456,t=2,p=1${salt}${digest}`],
	['nothing where a number stands', `$argon2id$v=19$m=,t=2,p=1${salt}${digest}`],
	['more memory than we give', `$argon2id$v=19$m=4194304,t=3,p=1${salt}${digest}`],
	['an earlier version', `$argon2id$v=16$m=19456,t=2,p=1${salt}${digest}`],
	['another kind', `$argon2i$v=19$m=19456,t=2,p=1${salt}${digest}`],
	['a salt with bits to spare', `$argon2id$v=19$m=19456,t=2,p=1$c29tZXNhbHRzb21lc2FsdB$${digest}`],
	['a digest with bits to spare', `$argon2id$v=19$m=19456,t=2,p=1${salt}${'A'.repeat(42)}B`],
	['a digest of no whole bytes', `$argon2id$v=19$m=19456,t=2,p=1${salt}${'A'.repeat(41)}`],
	['padding', `$argon2id$v=19$m=19456,t=2,p=1${salt}${digest}=`],
	['a line break', `$argon2id$v=19$m=19456,t=2,p=1${salt}${digest}\n`],
	['hex in place of base64', '$kura-sha256$5e884898da28047151d0e56f8dc6292773603d0d6aabbdd62a11ef721d1542d8'],
	['nothing at all', '$argon2id$'],
];

let service: TestService;
test.before(async () => {
	service = await startService({
		attempts: { limit: 1000 },
		metrics: { port: 0 },
	});
});
test.after.always(() => service?.close());

async function add(name: string, verifier: string): Promise<void> {
	const wanted = {
		passwordVerifier: verifier as PasswordVerifier,
		permissions: [],
		passwordChangeNeeded: false,
		policy: false,
	};
	const added = await service.service.core.identities.add(
		{ name: name as IdentityName, ...wanted },
		{ actor: 'operator' },
	);
	if (!added.ok) throw new Error(added.refusal.kind);
}

for (const [index, [says, verifier]] of useless.entries()) {
	test.serial(`a stored verifier with ${says}: 401 like everybody, and the log says whose it is`, async (t) => {
		const { isUsableVerifier } = service.service.core;
		t.false(isUsableVerifier(verifier as PasswordVerifier));
		const name = `useless-${index}`;
		await add(name, verifier);
		t.is((await createClient(service).login(name, secret)).status, 401);
		const told = service.lines.filter(({ msg }) => /password verifier cannot be used/.test(String(msg)));
		t.is(told.at(-1)?.identity, name);
		t.false(JSON.stringify(told).includes(digest));
	});
}

test.serial('it takes the time of any other: one hash', async (t) => {
	await add('quick', useless[0]?.[1] ?? '');
	await add('sound', hashSync(secret, { memoryCost: 64, timeCost: 1, parallelism: 1 }));
	for (const name of ['quick', 'nobody', 'sound']) {
		const before = await hashCount(service);
		await createClient(service).login(name, `not ${secret}`);
		t.is((await hashCount(service)) - before, 1, name);
	}
});

test.serial('what is sound is taken: of other sizes, salts and digests', async (t) => {
	const { isUsableVerifier } = service.service.core;
	for (const options of [
		{ memoryCost: 8, timeCost: 1, parallelism: 1 },
		{ memoryCost: 64, timeCost: 3, parallelism: 4, outputLen: 16 },
		{ memoryCost: 64, timeCost: 1, parallelism: 1, outputLen: 64, salt: Buffer.alloc(32, 7) },
		{ memoryCost: 64, timeCost: 1, parallelism: 1, salt: Buffer.alloc(8, 7) },
	]) {
		const verifier = hashSync(secret, options);
		t.true(isUsableVerifier(verifier as PasswordVerifier), verifier);
		const name = `sound-${JSON.stringify(options).length}-${verifier.length}`;
		await add(name, verifier);
		t.is((await createClient(service).login(name, secret)).status, 200, verifier);
	}
});

test.serial('an import that no password can fit is refused, in one line that does not show it', async (t) => {
	const place = await openWorkplace();
	t.teardown(() => place.remove());
	for (const [, verifier] of [useless[0], useless[14]].flatMap((each) => (each ? [each] : []))) {
		const { status, stderr } = await place.run(['identity', 'add', 'ann', '--verifier-stdin'], { stdin: verifier });
		t.is(status, 1);
		t.regex(stderr, /^latchkey: no password can fit the verifier on stdin: [^\n]*\n$/);
		t.false(stderr.includes(digest));
	}
});
