import test from 'ava';
import type { PasswordVerifier } from '../../src/core/identity.ts';
import { createPasswords, type Password, type PasswordPolicy, parsePassword } from '../../src/core/password.ts';
import { ok } from '../../src/core/refusal.ts';
import { StoreUnavailable } from '../../src/core/stores.ts';
import { createCommonPasswords } from '../../src/hashing/common-passwords.ts';
import { createFakeHasher, named, secret } from '../_support/core.ts';

const lenient: PasswordPolicy = {
	minLength: 12,
	refuseCommon: true,
	requireDigits: false,
	requireSpecialCharacters: false,
	requireBothCases: false,
};

async function create(policy: Partial<PasswordPolicy> = {}, hasher = createFakeHasher()) {
	const unusable: true[] = [];
	const passwords = createPasswords({
		hasher,
		queue: { run: async (hash) => ok(await hash()) },
		common: createCommonPasswords(),
		policy: async () => ({ ...lenient, ...policy }),
		onUnusableVerifier: () => unusable.push(true),
	});
	return { hasher, passwords, unusable };
}

const texts: readonly (readonly [says: string, text: string, password: string | undefined])[] = [
	['as received', 'correct horse', 'correct horse'],
	['with spaces at both ends', ' p ', ' p '],
	['of spaces only', '   ', '   '],
	['composed', 'n\u00e9', 'n\u00e9'],
	['decomposed, which becomes composed', 'ne\u0301', 'n\u00e9'],
	['fullwidth, which stays', 'ｐ', 'ｐ'],
	['with control characters', 'a\tb\u001b', 'a\tb\u001b'],
	['1024 bytes', 'a'.repeat(1024), 'a'.repeat(1024)],
	['512 letters of two bytes', 'é'.repeat(512), 'é'.repeat(512)],
	['1025 bytes', 'a'.repeat(1025), undefined],
	['513 letters of two bytes', 'é'.repeat(513), undefined],
	['60 KiB', 'a'.repeat(61_440), undefined],
	['empty', '', undefined],
	['with a NUL', 'abc\0def', undefined],
	['with half a surrogate pair', 'abc\ud800', undefined],
];

for (const [says, text, password] of texts) {
	test(`a password ${says} is ${password === undefined ? 'refused' : 'taken'}`, (t) => {
		t.is(parsePassword(text), password as Password | undefined);
	});
}

const policies: readonly (readonly [
	says: string,
	password: string,
	policy: Partial<PasswordPolicy>,
	unmet?: RegExp,
])[] = [
	['11 characters', 'a1b2c3d4e5f', {}, /at least 12/],
	['12 characters', 'a1b2c3d4e5f6', {}],
	['11 characters outside the first plane', '🦊'.repeat(11), {}, /at least 12/],
	['12 characters outside the first plane', '🦊'.repeat(12), {}],
	['64 characters', 'a1'.repeat(32), {}],
	['256 characters', 'a1'.repeat(128), {}],
	['a passphrase in small letters', 'correct horse battery staple', {}],
	['spaces only', ' '.repeat(20), {}, /spaces/],
	['a common one', 'passwordpassword', {}, /common/],
	['a common one with digits behind it', 'password12345678', {}, /common/],
	['a common one with signs around it', '!!!Password!!!1234', {}, /common/],
	["the identity's name", 'Administrator', {}, /user name/],
	["the identity's name in it", 'xxADMINISTRATORxx', {}, /user name/],
	['the name of the product in it', 'my LatchKey 2026', {}, /latchkey/],
	['both', 'administratorlatchkey2026', {}, /user name/],
	['a common one, where that is allowed', 'password12345678', { refuseCommon: false }],
	['one character, where that is enough', 'x', { minLength: 1, refuseCommon: false }],
	['no digit', 'correct horse battery', { requireDigits: true }, /digit/],
	['a digit', 'correct horse battery 1', { requireDigits: true }],
	['a digit of another script', 'correct horse battery ٣', { requireDigits: true }],
	['no special character', 'correcthorse99', { requireSpecialCharacters: true }, /special/],
	['a special character', 'correct-horse99', { requireSpecialCharacters: true }],
	['small letters only', 'correct horse battery', { requireBothCases: true }, /upper case/],
	['capitals only', 'CORRECT HORSE BATTERY', { requireBothCases: true }, /upper case/],
	['both cases', 'Correct horse battery', { requireBothCases: true }],
];

for (const [says, password, policy, unmet] of policies) {
	test(`the policy ${JSON.stringify(policy)} ${unmet ? 'refuses' : 'takes'} ${says}`, async (t) => {
		const { passwords } = await create(policy);
		const judged = await passwords.judge(secret(password), named('administrator'));
		if (judged.ok) return t.is(unmet, undefined);
		t.is(judged.refusal.kind, 'weak-password');
		if (judged.refusal.kind === 'weak-password') t.regex(judged.refusal.requirement, unmet ?? /nothing/);
	});
}

test('a name of three letters may stand in a password, but not be it', async (t) => {
	const { passwords } = await create({ minLength: 1 });
	t.true((await passwords.judge(secret('bobsled in winter'), named('bob'))).ok);
	t.false((await passwords.judge(secret('BOB'), named('bob'))).ok);
});

const verifiers: readonly (readonly [says: string, verifier: string | undefined, tries: number, isRight: boolean])[] = [
	['the right one', 'fake:sesame', 1, true],
	['a wrong one', 'fake:other', 1, false],
	['nobody’s', undefined, 1, false],
	['a verifier that cannot be used', '$argon2id$v=19$m=4194304,t=99,p=1$c2FsdHNhbHQ$aGFzaA', 1, false],
	['an outdated one', 'old:sesame', 1, true],
	// Tried so quickly that it spends the usual time besides.
	['one from elsewhere', 'foreign:sesame', 2, true],
];

for (const [says, verifier, tries, isRight] of verifiers) {
	test(`a check takes one usual hash, whatever it is compared with: ${says}`, async (t) => {
		const { hasher, passwords, unusable } = await create();
		const outcome = await passwords.check(verifier as PasswordVerifier | undefined, secret('sesame'));
		t.deepEqual(outcome, ok(isRight));
		t.is(hasher.tried.length, tries);
		t.is(hasher.tried.filter((tried) => hasher.assess(tried) === 'current' || tried === verifier).length, tries);
		t.false(
			hasher.tried.some((tried) => hasher.assess(tried) === 'unusable'),
			'such parameters are never run',
		);
		t.is(unusable.length, verifier?.startsWith('$') ? 1 : 0);
	});
}

test('a store that is away while a password is tried makes none wrong, and no verifier unusable', async (t) => {
	const hasher = createFakeHasher();
	let asked = 0;
	const { passwords, unusable } = await create(
		{},
		{
			...hasher,
			async matches(verifier, password) {
				asked += 1;
				if (asked === 1) throw new StoreUnavailable('PostgreSQL');
				return hasher.matches(verifier, password);
			},
		},
	);
	const check = () => passwords.check('fake:sesame' as PasswordVerifier, secret('sesame'));
	await t.throwsAsync(check(), { name: 'StoreUnavailable' });
	t.deepEqual(unusable, []);
	t.deepEqual(await check(), ok(true));
});

test('verifiers that are not made as they are now should be made anew', async (t) => {
	const { passwords } = await create();
	const isOutdated = (verifier: string) => passwords.isOutdated(verifier as PasswordVerifier);
	t.false(isOutdated('fake:x'));
	t.true(isOutdated('old:x'));
	t.true(isOutdated('foreign:x'));
});

test('a password that is the only factor may have to be longer than one beside a second factor', async (t) => {
	const { passwords } = await create({ minLengthAlone: 15 });
	const judge = async (password: string, hasFactor?: boolean) => {
		const judged = await passwords.judge(secret(password), named('ada'), hasFactor);
		return judged.ok ? 'ok' : 'requirement' in judged.refusal && judged.refusal.requirement;
	};
	t.is(await judge('a1b2c3d4e5f6g7'), 'must have at least 15 characters');
	t.is(await judge('a1b2c3d4e5f6g7h'), 'ok');
	t.is(await judge('a1b2c3d4e5f6g7', true), 'ok');
	t.is(await judge('a1b2c3d4e5f', true), 'must have at least 12 characters');
	const shorter = (await create({ minLengthAlone: 8 })).passwords;
	t.false((await shorter.judge(secret('a1b2c3d4e5f'), named('ada'))).ok, 'never less than minLength');
});
