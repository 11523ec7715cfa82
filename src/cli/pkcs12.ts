import { createHash, createHmac, createPrivateKey, randomBytes } from 'node:crypto';

const macIterations = 10_000;

const oids = {
	data: '2a864886f70d010701',
	shroudedKeyBag: '2a864886f70d010c0a0102',
	certBag: '2a864886f70d010c0a0103',
	friendlyName: '2a864886f70d010914',
	localKeyId: '2a864886f70d010915',
	x509Certificate: '2a864886f70d01091601',
	sha256: '608648016503040201',
};

/**
 * A certificate and its key in one file, as browsers and phones import them (PKCS #12, RFC 7292). The key is encrypted
 * with the passphrase, the certificate is not: it is no secret.
 */
export function toPkcs12(key: Buffer, certificate: Buffer, name: string, passphrase: string): Buffer {
	const encryptedKey = createPrivateKey({ key, format: 'der', type: 'pkcs8' }).export({
		format: 'der',
		type: 'pkcs8',
		cipher: 'aes-256-cbc',
		passphrase,
	});
	const keyId = createHash('sha1').update(certificate).digest(); // as everybody does it; it only ties the two bags
	const attributes = set(
		sequence(oid(oids.friendlyName), set(der(0x1e, utf16be(name)))),
		sequence(oid(oids.localKeyId), set(octets(keyId))),
	);
	const certBag = sequence(oid(oids.x509Certificate), tagged(octets(certificate)));
	const bags = sequence(
		sequence(oid(oids.certBag), tagged(certBag), attributes),
		sequence(oid(oids.shroudedKeyBag), tagged(encryptedKey), attributes),
	);
	const safe = sequence(dataOf(bags));
	const salt = randomBytes(16);
	const mac = createHmac('sha256', macKey(passphrase, salt)).update(safe).digest();
	const algorithm = sequence(oid(oids.sha256), der(0x05));
	const macData = sequence(sequence(algorithm, octets(mac)), octets(salt), integer(macIterations));
	return sequence(integer(3), dataOf(safe), macData);
}

/** RFC 7292, B.2, for a key as long as the hash: one round of it. 64 is the block size of SHA-256, 3 means "a MAC". */
function macKey(passphrase: string, salt: Buffer): Buffer {
	const parts = [Buffer.alloc(64, 3), fill(salt), fill(utf16be(`${passphrase}\0`))];
	let key = createHash('sha256').update(Buffer.concat(parts)).digest();
	for (let i = 1; i < macIterations; i++) key = createHash('sha256').update(key).digest();
	return key;
}

/** Repeated until it fills whole blocks. */
function fill(bytes: Buffer): Buffer {
	return Buffer.alloc(64 * Math.ceil(bytes.length / 64), bytes);
}

function utf16be(text: string): Buffer {
	return Buffer.from(text, 'utf16le').swap16();
}

function der(tag: number, ...contents: Buffer[]): Buffer {
	const content = Buffer.concat(contents);
	const { length } = content;
	if (length < 0x80) return Buffer.concat([Buffer.from([tag, length]), content]);
	const hex = length.toString(16);
	const octetsOfLength = Buffer.from(hex.padStart(hex.length + (hex.length % 2), '0'), 'hex');
	return Buffer.concat([Buffer.from([tag, 0x80 | octetsOfLength.length]), octetsOfLength, content]);
}

const sequence = (...elements: Buffer[]) => der(0x30, ...elements);
const set = (...elements: Buffer[]) => der(0x31, ...elements);
const octets = (bytes: Buffer) => der(0x04, bytes);
const oid = (hex: string) => der(0x06, Buffer.from(hex, 'hex'));
const tagged = (element: Buffer) => der(0xa0, element);
const dataOf = (content: Buffer) => sequence(oid(oids.data), tagged(octets(content)));

function integer(value: number): Buffer {
	const bytes = Buffer.alloc(4);
	bytes.writeUInt32BE(value);
	const first = bytes.findIndex((byte) => byte !== 0);
	const start = (bytes[first] ?? 0) & 0x80 ? first - 1 : first;
	return der(0x02, bytes.subarray(start));
}
