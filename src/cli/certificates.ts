import { createPrivateKey, randomUUID, webcrypto } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { isIP } from 'node:net';
import { join } from 'node:path';
import type { Extension, JsonNameParams } from '@peculiar/x509';
import { createClock, type Instant } from '../core/clock.ts';
import { type IdentityName, parseIdentityName } from '../core/identity.ts';
import { Failed } from './output.ts';
import { toPkcs12 } from './pkcs12.ts';

/** Of the .p12 files. No secret: it only has to be there, since some systems import no file without one. */
export const devPassphrase = 'latchkey';

const dayMs = 86_400_000;
/** Browsers refuse a server's certificate that is good for longer than 398 days. */
const leafLifetimeMs = 397 * dayMs;
const caLifetimeMs = 825 * dayMs;
/** Starts a little earlier, for devices whose clocks are behind. */
const headStartMs = 3_600_000;
const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const;

interface Signer {
	readonly subject: JsonNameParams;
	readonly keys: webcrypto.CryptoKeyPair;
	readonly until: number;
	readonly now: number;
}

/**
 * Writes a throwaway CA, a server certificate for this machine and a client certificate per name into the folder `out`,
 * for trying certificate login. A CA and a server certificate that are there already are used as they are, so that
 * clients can be added later; no file is ever overwritten. Returns the files that it wrote.
 *
 * Throws, having written nothing, where a client's name can be no identity name or its files are there already.
 */
export async function makeDevCertificates({
	out,
	clients,
	hostnames = [],
	now = createClock().now(),
}: {
	readonly out: string;
	readonly clients: readonly string[];
	/** Names and addresses of the server, besides those of this machine itself. */
	readonly hostnames?: readonly string[];
	readonly now?: Instant;
}): Promise<string[]> {
	const names = [...new Set(clients)].map(parseClient);
	const taken = names.flatMap((name) => clientFiles(out, name)).find((file) => existsSync(file));
	if (taken) throw new Error(`${taken} is there already: remove it to get a new one`);
	await x509Library();
	await mkdir(out, { recursive: true, mode: 0o700 });
	const written: string[] = [];
	const write = async (file: string, content: string | Buffer, mode: 0o600 | 0o644) => {
		await writeFile(file, content, { flag: 'wx', mode });
		written.push(file);
	};
	const ca = await openCa(out, now, write);
	if (!existsSync(join(out, 'server.pem'))) {
		const hosts = [...new Set(['localhost', '127.0.0.1', '::1', ...hostnames])];
		const { certificate, key } = await issue(ca, 'localhost', 'server', hosts);
		await write(join(out, 'server-key.pem'), key, 0o600);
		await write(join(out, 'server.pem'), pemOf(certificate), 0o644);
	}
	for (const name of names) {
		const [certificateFile, keyFile, bothFile] = clientFiles(out, name);
		const { certificate, key } = await issue(ca, name, 'client');
		const pkcs8 = createPrivateKey(key).export({ format: 'der', type: 'pkcs8' });
		await write(keyFile, key, 0o600);
		await write(certificateFile, pemOf(certificate), 0o644);
		await write(bothFile, toPkcs12(pkcs8, Buffer.from(certificate.rawData), name, devPassphrase), 0o600);
	}
	return written;
}

function parseClient(client: string): IdentityName {
	const name = parseIdentityName(client);
	if (name === undefined || name !== client) throw new Error(`no identity can be called ${JSON.stringify(client)}`);
	if (/^(ca|server)$|-key$/i.test(name))
		throw new Error(`${name} would be mistaken for another file: choose another name`);
	if (fileNameOf(name).length > 200) throw new Error(`${name} is too long for the name of a file`);
	return name;
}

function clientFiles(out: string, name: IdentityName): [certificate: string, key: string, both: string] {
	const file = join(out, fileNameOf(name));
	return [`${file}.pem`, `${file}-key.pem`, `${file}.p12`];
}

/** No separator, no dot in front, nothing that a shell or a file system reads in its own way: all that becomes `%2F`. */
function fileNameOf(name: IdentityName): string {
	return encodeURIComponent(name)
		.replace(/[!'()*~]/g, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`)
		.replaceAll('%40', '@')
		.replace(/^[.-]/, (char) => (char === '.' ? '%2E' : '%2D'));
}

async function openCa(
	out: string,
	now: number,
	write: (file: string, content: string, mode: 0o600 | 0o644) => Promise<void>,
): Promise<Signer> {
	const x509 = await x509Library();
	const [caFile, keyFile] = [join(out, 'ca.pem'), join(out, 'ca-key.pem')];
	if (existsSync(caFile) && existsSync(keyFile)) {
		const ca = new x509.X509Certificate(readFileSync(caFile, 'utf8'));
		if (ca.notAfter.getTime() <= now) throw new Error(`${caFile} has expired: remove the folder to start anew`);
		const keys = {
			privateKey: await importKey(readFileSync(keyFile)),
			publicKey: await ca.publicKey.export(algorithm, ['verify']),
		};
		return { subject: ca.subjectName.toJSON(), keys, until: ca.notAfter.getTime(), now };
	}
	if (existsSync(caFile)) throw new Error(`${caFile} is there without its key ${keyFile}: remove it to get a new CA`);
	const keys = await newKeys();
	const until = now + caLifetimeMs;
	// A name of its own, so that two of these CAs in one browser are told apart.
	const subject = [{ CN: [`Latchkey development CA ${randomUUID().slice(0, 8)}`] }];
	const certificate = await x509.X509CertificateGenerator.createSelfSigned({
		name: new x509.Name(subject),
		notBefore: new Date(now - headStartMs),
		notAfter: new Date(until),
		keys,
		signingAlgorithm: algorithm,
		extensions: [
			new x509.BasicConstraintsExtension(true, 0, true),
			new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign, true),
			await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
		],
	});
	await write(keyFile, await exportKey(keys.privateKey), 0o600);
	await write(caFile, pemOf(certificate), 0o644);
	return { subject, keys, until, now };
}

async function issue(ca: Signer, commonName: string, purpose: 'server' | 'client', hosts: readonly string[] = []) {
	const x509 = await x509Library();
	const keys = await newKeys();
	const extensions: Extension[] = [
		new x509.BasicConstraintsExtension(false, undefined, true),
		new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
		new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage[`${purpose}Auth`]]),
		await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
		await x509.AuthorityKeyIdentifierExtension.create(ca.keys.publicKey),
	];
	if (hosts.length > 0) {
		const named = hosts.map((value) => ({ type: isIP(value) ? ('ip' as const) : ('dns' as const), value }));
		extensions.push(new x509.SubjectAlternativeNameExtension(named));
	}
	const certificate = await x509.X509CertificateGenerator.create({
		subject: new x509.Name([{ CN: [{ utf8String: commonName }] }]),
		issuer: new x509.Name(ca.subject),
		notBefore: new Date(ca.now - headStartMs),
		notAfter: new Date(Math.min(ca.now + leafLifetimeMs, ca.until)),
		publicKey: keys.publicKey,
		signingKey: ca.keys.privateKey,
		signingAlgorithm: algorithm,
		extensions,
	});
	return { certificate, key: await exportKey(keys.privateKey) };
}

/** Loaded when it is needed: it doubles the time that a command takes to start. */
export async function x509Library() {
	try {
		await import('reflect-metadata');
		return await import('@peculiar/x509');
	} catch (cause) {
		if ((cause as NodeJS.ErrnoException).code !== 'ERR_MODULE_NOT_FOUND') throw cause;
		const wanted = '@peculiar/x509 and reflect-metadata';
		throw new Failed(
			`certificates are made with ${wanted}, which are not installed: npm install ${wanted.replace(' and', '')}`,
		);
	}
}

async function newKeys(): Promise<webcrypto.CryptoKeyPair> {
	return webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);
}

async function exportKey(key: webcrypto.CryptoKey): Promise<string> {
	const pkcs8 = Buffer.from(await webcrypto.subtle.exportKey('pkcs8', key));
	return createPrivateKey({ key: pkcs8, format: 'der', type: 'pkcs8' }).export({
		format: 'pem',
		type: 'pkcs8',
	}) as string;
}

/** Ends with a line feed, so that files can be put one behind the other. */
function pemOf(certificate: { toString(format: 'pem'): string }): string {
	return `${certificate.toString('pem')}\n`;
}

async function importKey(pem: Buffer): Promise<webcrypto.CryptoKey> {
	const pkcs8 = createPrivateKey(pem).export({ format: 'der', type: 'pkcs8' });
	return webcrypto.subtle.importKey('pkcs8', pkcs8, algorithm, false, ['sign']);
}
