import { webcrypto } from 'node:crypto';
import type { SigningKey } from '../core/access-token.ts';
import { createClock } from '../core/clock.ts';
import { x509Library } from './certificates.ts';
import { Failed, print, say } from './output.ts';
import { withCore } from './settings.ts';

const dayMs = 86_400_000;
/** A trust store is filled by hand: as long as the key may be in use. */
const lifetimeMs = 3650 * dayMs;
/** For machines whose clocks are behind. */
const headStartMs = dayMs;
const algorithm = { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256' } as const;

/** Prints a certificate over the key of access tokens, in PEM, for the trust store of a Kura. */
export async function printTokenCertificate({ config }: { readonly config?: string }): Promise<void> {
	await withCore(config, async ({ tokenPairs }, { dialects }) => {
		if (!dialects.kuraTokens.enabled) throw new Failed('dialects.kuraTokens.enabled is false: nothing is signed');
		const key = await tokenPairs.signingKey();
		print(await selfSigned(key));
		say(`of the key ${key.kid}, whose tokens are of ${dialects.kuraTokens.issuer}`);
	});
}

async function selfSigned({ kid, privateKey, publicKey }: SigningKey): Promise<string> {
	const x509 = await x509Library();
	const { subtle } = webcrypto;
	const pkcs8 = privateKey.export({ format: 'der', type: 'pkcs8' });
	const spki = publicKey.export({ format: 'der', type: 'spki' });
	const keys = {
		privateKey: await subtle.importKey('pkcs8', pkcs8, algorithm, false, ['sign']),
		publicKey: await subtle.importKey('spki', spki, algorithm, true, ['verify']),
	};
	const now = createClock().now();
	const certificate = await x509.X509CertificateGenerator.createSelfSigned({
		name: new x509.Name([{ CN: [{ utf8String: kid }] }]),
		notBefore: new Date(now - headStartMs),
		notAfter: new Date(now + lifetimeMs),
		keys,
		signingAlgorithm: algorithm,
		extensions: [
			new x509.BasicConstraintsExtension(false, undefined, true),
			new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
			await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
		],
	});
	return certificate.toString('pem');
}
