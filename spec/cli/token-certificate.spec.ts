import { createPublicKey, generateKeyPairSync, X509Certificate } from 'node:crypto';
import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import type { JWK } from 'jose';
import { importX509, jwtVerify } from 'jose';
import { createClient } from '../_support/client.ts';
import { openWorkplace, type Workplace } from '../_support/command-line.ts';
import { startService } from '../_support/service.ts';

/* `latchkey tokens certificate`, and the file of the key that it is over. */

let place: Workplace;
test.before(async () => {
	place = await openWorkplace();
});
test.after.always(() => place.remove());

const kuraTokens = (more: object = {}) => ({ dialects: { kuraTokens: { enabled: true, ...more } } });
const pemOf = (key: ReturnType<typeof generateKeyPairSync>['privateKey']) =>
	key.export({ type: 'pkcs8', format: 'pem' }) as string;
const rsa = (modulusLength: number) => pemOf(generateKeyPairSync('rsa', { modulusLength }).privateKey);
const good = rsa(2048);

function put(name: string, content: string, mode = 0o600): string {
	const file = join(place.folder, name);
	writeFileSync(file, content);
	chmodSync(file, mode);
	return file;
}

test.serial('the certificate is over the key, and verifies what the service signs with it', async (t) => {
	const keyFile = put('gate-7.pem', good);
	await place.configure(kuraTokens({ keyFile, issuer: 'gate' }));
	const { status, stdout, stderr } = await place.run(['tokens', 'certificate']);
	t.is(status, 0, stderr);
	t.is(stderr, 'of the key gate-7, whose tokens are of gate\n');
	const certificate = new X509Certificate(stdout);
	t.is(certificate.subject, 'CN=gate-7');
	t.is(certificate.issuer, certificate.subject);
	t.true(certificate.verify(certificate.publicKey), 'it signs itself');
	t.true(certificate.publicKey.equals(createPublicKey(good)));
	t.true(Date.parse(certificate.validFrom) < Date.now());
	t.true(Date.parse(certificate.validTo) > Date.now() + 9 * 365 * 86_400_000);

	const password = 'a-long-and-honest-password';
	const service = await startService({ auth: { basic: true }, ...kuraTokens({ keyFile, issuer: 'gate' }) });
	t.teardown(() => service.close());
	await service.add('ada', password);
	const caller = createClient(service);
	const { body } = await caller.send('/services/token/jwt/v1/issue', { method: 'POST', basic: ['ada', password] });
	const { accessToken } = body as { accessToken: string };
	const key = await importX509(stdout, 'RS256');
	const { payload, protectedHeader } = await jwtVerify(accessToken, key, {
		issuer: 'gate',
		audience: '/token/jwt/v1/access',
	});
	t.deepEqual([payload.sub, protectedHeader.kid], ['ada', 'gate-7']);
	const [jwk] = ((await caller.get('/.well-known/jwks.json')).body as { keys: JWK[] }).keys;
	t.true(createPublicKey({ key: jwk as never, format: 'jwk' }).equals(certificate.publicKey));
});

test.serial('without a file it is over the key that is kept, which is made where there is none', async (t) => {
	await place.configure(kuraTokens());
	const [one, other] = [await place.run(['token', 'certificate']), await place.run(['token', 'certificate'])];
	t.regex(one.stderr, /^of the key latchkey-[0-9a-f]{8}, whose tokens are of kura\n$/);
	t.true(new X509Certificate(one.stdout).publicKey.equals(new X509Certificate(other.stdout).publicKey));
	t.false(one.stdout.includes('PRIVATE'));
});

test.serial('where nothing is signed, there is no certificate', async (t) => {
	await place.configure({});
	const { status, stdout, stderr } = await place.run(['tokens', 'certificate']);
	t.deepEqual([status, stdout], [1, '']);
	t.is(stderr, 'latchkey: dialects.kuraTokens.enabled is false: nothing is signed\n');
});

const refused: readonly (readonly [says: string, content: string | undefined, mode: number, line: RegExp])[] = [
	['that is not there', undefined, 0, /key\.pem cannot be read: ENOENT$/],
	['that others can read', good, 0o644, /the private key .*key\.pem is open to others \(mode 0644\)/],
	['without a key', 'x', 0o600, /key\.pem holds no private key in PEM without a passphrase$/],
	['with a key that is too short', rsa(1024), 0o600, /key\.pem holds no RSA key of 2048 bits or more$/],
	[
		'with a key of another kind',
		pemOf(generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey),
		0o600,
		/key\.pem holds no RSA key of 2048 bits or more$/,
	],
];
for (const [says, content, mode, line] of refused) {
	test.serial(`a key file ${says} stops the start, and config check says so`, async (t) => {
		const folder = join(place.folder, 'key.pem');
		if (content !== undefined) put('key.pem', content, mode);
		await place.configure(kuraTokens({ keyFile: content === undefined ? `${folder}/../no/key.pem` : 'key.pem' }));
		const { status, stderr } = await place.run(['config', 'check']);
		t.is(status, 1);
		t.regex(stderr.trim(), /latchkey\.yaml:1: dialects\.kuraTokens\.keyFile: /);
		t.regex(stderr.trim().replace(/: chmod 600 .*$/, ''), line);
		t.false(stderr.includes('PRIVATE'));
		await place.configure({ ...kuraTokens(), dialects: { kuraTokens: { enabled: false, keyFile: folder } } });
		t.is((await place.run(['config', 'check'])).status, 0, 'off, it is not read');
	});
}
