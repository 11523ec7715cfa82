import test from 'ava';
import type { AuthenticatorId, SealedSecret } from '../../src/core/authenticator.ts';
import { createSealing, newSealingKey, parseSealingKeys, type SealingKey } from '../../src/core/sealing.ts';
import { newIdentityId } from '../../src/core/token.ts';

const newOwner = () => ({ id: newIdentityId() as string as AuthenticatorId, identityId: newIdentityId() });
const secret = Buffer.from('12345678901234567890');

test('a secret comes back for its owner, and for nobody else', (t) => {
	const sealing = createSealing([newSealingKey()]);
	const [owner, other] = [newOwner(), newOwner()];
	const sealed = sealing.seal(secret, owner);
	t.deepEqual(sealing.unseal(sealed, owner), secret);
	t.is(sealing.unseal(sealed, other), undefined);
	t.is(sealing.unseal(sealed, { ...owner, identityId: other.identityId }), undefined);
	t.is(sealing.unseal(sealed, { ...owner, id: other.id }), undefined);
	t.is(createSealing([newSealingKey()]).unseal(sealed, owner), undefined);
});

test('the same secret is never sealed to the same text, and no text shows it', (t) => {
	const sealing = createSealing([newSealingKey()]);
	const owner = newOwner();
	const texts = Array.from({ length: 50 }, () => sealing.seal(secret, owner));
	t.is(new Set(texts).size, 50);
	for (const text of texts) {
		t.false(text.includes(secret.toString('base64url')));
		t.false(Buffer.from(text.split('.')[1] ?? '', 'base64url').includes(secret));
	}
});

test('not one bit of a sealed text can be changed, nor its end be cut off', (t) => {
	const sealing = createSealing([newSealingKey()]);
	const owner = newOwner();
	const [id, text = ''] = sealing.seal(secret, owner).split('.');
	const bytes = Buffer.from(text, 'base64url');
	for (let bit = 0; bit < bytes.length * 8; bit += 1) {
		const changed = Buffer.from(bytes);
		changed[bit >> 3]! ^= 1 << (bit & 7);
		t.is(sealing.unseal(`${id}.${changed.toString('base64url')}` as SealedSecret, owner), undefined, `bit ${bit}`);
	}
	for (let length = 0; length < bytes.length; length += 1) {
		const cut = bytes.subarray(0, length).toString('base64url');
		t.is(sealing.unseal(`${id}.${cut}` as SealedSecret, owner), undefined, `${length} bytes`);
	}
	for (const odd of ['', '.', `${id}.`, text, `${id}.${text}.${text}x`.slice(1)]) {
		t.is(sealing.unseal(odd as SealedSecret, owner), undefined);
	}
});

test('the first key seals, all unseal: keys are replaced one after the other', (t) => {
	const [old, anew] = [newSealingKey(), newSealingKey()];
	const owner = newOwner();
	const before = createSealing([old]).seal(secret, owner);
	const both = createSealing([anew, old]);
	t.deepEqual(both.unseal(before, owner), secret);
	t.false(both.isCurrent(before));
	const after = both.seal(secret, owner);
	t.true(both.isCurrent(after));
	t.deepEqual(createSealing([anew]).unseal(after, owner), secret);
	t.is(createSealing([anew]).unseal(before, owner), undefined);
});

test('keys are read in base64, base64url and hex, several with space between them, and nothing else is', (t) => {
	const keys = [newSealingKey(), newSealingKey(), newSealingKey()] as [SealingKey, SealingKey, SealingKey];
	const [one, two, three] = keys;
	const text = `${one.toString('base64')}\n${two.toString('base64url')} ${three.toString('hex')}\n`;
	t.deepEqual(parseSealingKeys(text), keys);
	const wrong = ['', ' ', 'secret', one.toString('hex').slice(1), `${one.toString('base64')}=`, `${text} x`];
	for (const each of wrong) t.is(parseSealingKeys(each), undefined, each);
	t.is(parseSealingKeys(Buffer.alloc(31, 1).toString('base64')), undefined);
});
