import { generateKeyPairSync } from 'node:crypto';
import test from 'ava';
import fc from 'fast-check';
import { type Challenge, newChallenge } from '../../src/core/ceremony.ts';
import {
	challengeIn,
	creationOptions,
	type NewPasskey,
	requestOptions,
	type ShownAssertion,
	type ShownRegistration,
} from '../../src/core/passkey.ts';
import { createPasskeyVerifier } from '../../src/webauthn/verifier.ts';
import { createSoftAuthenticator, type Said } from '../_support/soft-authenticator.ts';

const origin = 'https://login.example.org';
const relyingParty = { id: 'example.org', origins: [origin, 'https://login.example.org:8443'] };
const verifier = createPasskeyVerifier();
const user = { id: 'dXNlcg', name: 'ada' };

function register(challenge: Challenge, said: Said = {}, soft = createSoftAuthenticator({ origin })) {
	return { soft, shown: soft.create(creationOptions(relyingParty, challenge, 1000, user, []), said) };
}

async function registered(said: Said = {}, soft = createSoftAuthenticator({ origin })) {
	const challenge = newChallenge();
	const { shown } = register(challenge, said, soft);
	const outcome = await verifier.registration(shown, { challenge, relyingParty });
	if (!outcome.ok) throw new Error(outcome.flaw);
	return { soft, passkey: outcome.value };
}

async function asserted(said: Said, challenge = newChallenge()) {
	const { soft, passkey } = await registered();
	const shown = soft.get(requestOptions(relyingParty, challenge, 1000), said);
	return verifier.assertion(shown, { challenge, relyingParty, publicKey: passkey.publicKey });
}

test('what an authenticator says of a new passkey is read', async (t) => {
	const aaguid = 'fbfc3007-154e-4ecc-8c0b-6e020557d7bd';
	const { soft, passkey } = await registered({ aaguid, flags: 0x1d, signCount: 3 });
	const { publicKey, ...says } = passkey;
	t.deepEqual(says, {
		credentialId: soft.credentials[0]?.id ?? '',
		...{ aaguid, userVerified: true, signCount: 3, backupEligible: true, backedUp: true },
	} satisfies Omit<NewPasskey, 'publicKey'>);
	t.is(Buffer.from(publicKey, 'base64url').length, 77);
});

test('what it signs later is read', async (t) => {
	const says = { userVerified: false, signCount: 1, backupEligible: false, backedUp: false };
	t.deepEqual(await asserted({ flags: 1 }), { ok: true, value: says });
	t.deepEqual(await asserted({ flags: 5, signCount: 9 }), {
		ok: true,
		value: { ...says, userVerified: true, signCount: 9 },
	});
	t.true((await asserted({ origin: 'https://login.example.org:8443' })).ok);
});

const other = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey;
/** `login`: what is said at a login instead. */
const wrong: readonly { says: string; said: Said; login?: Said; flaw?: string; isOfLogin?: true }[] = [
	{ says: 'another challenge', said: { challenge: newChallenge() } },
	{ says: 'a challenge with something behind it', said: { challenge: `${newChallenge()}=` } },
	{ says: 'the other kind of ceremony', said: { type: 'webauthn.get' }, login: { type: 'webauthn.create' } },
	{ says: 'no kind of ceremony', said: { type: '' } },
	{ says: 'another RP ID', said: { rpId: 'login.example.org' } },
	{ says: 'a neighbour’s RP ID', said: { rpId: 'example.net' } },
	{ says: 'nobody there', said: { flags: 0x04 } },
	{ says: 'backed up, and not to be backed up', said: { flags: 0x15 } },
	{ says: 'another host', said: { origin: 'https://evil.example.org' }, flaw: 'passkey-origin' },
	{ says: 'the RP ID itself', said: { origin: 'https://example.org' }, flaw: 'passkey-origin' },
	{ says: 'plain http', said: { origin: 'http://login.example.org' }, flaw: 'passkey-origin' },
	{ says: 'another port', said: { origin: 'https://login.example.org:444' }, flaw: 'passkey-origin' },
	{ says: 'capital letters', said: { origin: 'https://LOGIN.example.org' }, flaw: 'passkey-origin' },
	{ says: 'a slash at its end', said: { origin: 'https://login.example.org/' }, flaw: 'passkey-origin' },
	{ says: 'a frame in another site', said: { crossOrigin: true }, flaw: 'passkey-origin' },
	{ says: 'another key', said: { privateKey: other }, isOfLogin: true },
];
for (const { says, said, login = said, flaw = 'passkey-invalid', isOfLogin } of wrong) {
	test(`refused: ${says}`, async (t) => {
		t.deepEqual(await asserted(login), { ok: false, flaw } as never);
		if (isOfLogin) return;
		const challenge = newChallenge();
		const { shown } = register(challenge, said);
		t.deepEqual(await verifier.registration(shown, { challenge, relyingParty }), { ok: false, flaw } as never);
	});
}

test('an attestation proves nothing, and is not even looked at', async (t) => {
	// That of a packed attestation with a chain that would be asked for on the net.
	const attStmt = new Map<string, number | Buffer>([
		['alg', -7],
		['sig', Buffer.alloc(70, 1)],
		['x5c', Buffer.alloc(300, 2)],
	]);
	for (const fmt of ['packed', 'fido-u2f', 'tpm', 'apple', 'android-key', 'nobody-knows', 'none']) {
		const { passkey } = await registered({ fmt, attStmt });
		t.is(passkey.aaguid, '00000000-0000-0000-0000-000000000000', fmt);
	}
});

test('the credential that is shown is the one that was made', async (t) => {
	const challenge = newChallenge();
	const { shown } = register(challenge);
	for (const id of ['', 'x', Buffer.alloc(32).toString('base64url')]) {
		const outcome = await verifier.registration({ ...shown, id, rawId: id }, { challenge, relyingParty });
		t.deepEqual(outcome, { ok: false, flaw: 'passkey-invalid' }, id);
	}
});

test('the challenge that was signed is read from what the browser says', (t) => {
	const challenge = newChallenge();
	t.is(challengeIn(register(challenge).shown), challenge);
	for (const clientData of [
		'',
		'null',
		'[]',
		'{}',
		'{"challenge":7}',
		'{"challenge":""}',
		'x',
		'{"challenge":["a"]}',
	]) {
		const clientDataJSON = Buffer.from(clientData).toString('base64url');
		t.is(challengeIn({ response: { clientDataJSON } } as ShownAssertion), undefined, clientData);
	}
});

/** One bit of one of the texts is another; or a piece of it is gone, or there twice. */
function mutated<Shown extends ShownRegistration | ShownAssertion>(shown: Shown) {
	const names = Object.entries(shown.response)
		.filter(([, value]) => typeof value === 'string')
		.map(([name]) => name);
	return fc
		.record({ name: fc.constantFrom(...names), at: fc.double({ min: 0, max: 0.9999, noNaN: true }), how: fc.nat(9) })
		.map(({ name, at, how }) => {
			const bytes = Buffer.from((shown.response as unknown as Record<string, string>)[name] ?? '', 'base64url');
			const place = Math.floor(at * bytes.length);
			const changed =
				how === 8
					? Buffer.concat([bytes.subarray(0, place), bytes.subarray(place + 1)])
					: how === 9
						? Buffer.concat([bytes.subarray(0, place + 1), bytes.subarray(place)])
						: Buffer.from(bytes.map((byte, index) => (index === place ? byte ^ (1 << how) : byte)));
			return { name, shown: { ...shown, response: { ...shown.response, [name]: changed.toString('base64url') } } };
		});
}

/**
 * The two numbers of a signature, in DER, where `like` has them. How its parts are marked, and what stands behind them, is not signed and
 * changes nothing.
 */
function numbersIn(signature: string, like: string): string {
	const [bytes, layout] = [Buffer.from(signature, 'base64url'), Buffer.from(like, 'base64url')];
	const length = layout[3] ?? 0;
	const parts = [bytes.subarray(4, 4 + length), bytes.subarray(6 + length, layout.length)];
	return parts.map((part) => part.toString('hex')).join(' ');
}

test('fuzz: nothing that was changed on its way signs in, and nothing throws', async (t) => {
	const challenge = newChallenge();
	const { soft, passkey } = await registered();
	const shown = soft.get(requestOptions(relyingParty, challenge, 1000));
	const expected = { challenge, relyingParty, publicKey: passkey.publicKey };
	t.true((await verifier.assertion(shown, expected)).ok);
	await fc.assert(
		fc.asyncProperty(mutated(shown), async (changed) => {
			const outcome = await verifier.assertion(changed.shown, expected);
			// Whose it is, is not signed: the core compares it with the owner of the credential.
			if (changed.name === 'userHandle') return true;
			const { signature } = shown.response;
			return !outcome.ok || numbersIn(changed.shown.response.signature, signature) === numbersIn(signature, signature);
		}),
		{ numRuns: 500 },
	);
});

test('fuzz: a registration that was changed on its way is refused, or makes a passkey that its own challenge has', async (t) => {
	const challenge = newChallenge();
	const { shown } = register(challenge);
	t.true((await verifier.registration(shown, { challenge, relyingParty })).ok);
	await fc.assert(
		fc.asyncProperty(mutated(shown), async (changed) => {
			const outcome = await verifier.registration(changed.shown, { challenge, relyingParty });
			// The attestation is signed by nobody; so another key or counter is what the authenticator might have said itself.
			return !outcome.ok || (outcome.value.credentialId === shown.id && challengeIn(changed.shown) === challenge);
		}),
		{ numRuns: 300 },
	);
});

test('fuzz: whatever is shown is refused, and nothing throws', async (t) => {
	const challenge = newChallenge();
	const { passkey } = await registered();
	const text = fc.oneof(
		fc.string(),
		fc.base64String(),
		fc.uint8Array().map((bytes) => Buffer.from(bytes).toString('base64url')),
	);
	const clientData = fc
		.record({ type: fc.constantFrom('webauthn.get', 'webauthn.create'), origin: fc.constant(origin) })
		.map((facts) => Buffer.from(JSON.stringify({ ...facts, challenge })).toString('base64url'));
	const facts = { id: text, rawId: text, type: fc.constant('public-key' as const) };
	const clientDataJSON = fc.oneof(text, clientData);
	const assertion = fc.record({
		...facts,
		response: fc.record({ clientDataJSON, authenticatorData: text, signature: text, userHandle: text }),
	});
	const registration = fc.record({ ...facts, response: fc.record({ clientDataJSON, attestationObject: text }) });
	await fc.assert(
		fc.asyncProperty(assertion, registration, async (one, two) => {
			const expected = { challenge, relyingParty };
			const outcomes = [
				await verifier.assertion(one, { ...expected, publicKey: passkey.publicKey }),
				await verifier.registration(two, expected),
			];
			return outcomes.every(({ ok }) => !ok);
		}),
		{ numRuns: 300 },
	);
	t.pass();
});
