import { createRequire } from 'node:module';
import type {
	AuthenticatorSays,
	NewPasskey,
	PasskeyFlaw,
	PasskeyVerifier,
	RelyingParty,
	ShownAssertion,
	ShownRegistration,
	Verified,
} from '../core/passkey.ts';
import { algorithms } from '../core/passkey.ts';

type Library = typeof import('@simplewebauthn/server') & typeof import('@simplewebauthn/server/helpers');

const require = createRequire(import.meta.url);
const parts = ['@simplewebauthn/server', '@simplewebauthn/server/helpers'].map((name) => require.resolve(name));

/**
 * Loaded with the first passkey: it costs as much as the whole start of a service. By `require`: an `import()` that fails once, as
 * where no file can be opened, fails for ever.
 */
const load = (): Library => Object.assign({}, ...parts.map((path) => require(path)));

/** A public key of RSA with 4096 bits takes 530. */
const maxPublicKeyBytes = 1024;
/** Rule: Web Authentication Level 3, 7.1, step 25. */
const maxCredentialIdBytes = 1023;

/** Every attestation is left aside. */
export function createPasskeyVerifier(): PasskeyVerifier {
	let loaded: Library | undefined;
	const library = () => {
		loaded ??= load();
		return loaded;
	};

	return {
		prepare() {
			try {
				library();
			} catch {
				// Tried again where it is needed.
			}
		},
		async registration(shown, { challenge, relyingParty }) {
			const { verifyRegistrationResponse, decodeAttestationObject, isoCBOR, isoBase64URL } = library();
			/**
			 * What its maker says of it, and the signature under that, is left aside before anybody looks at it: it would prove nothing, and
			 * its certificates name addresses to be asked.
			 */
			function withoutAttestation(text: string): string {
				const authData = decodeAttestationObject(isoBase64URL.toBuffer(text)).get('authData');
				const none = new Map<string, unknown>([
					['fmt', 'none'],
					['attStmt', new Map()],
					['authData', authData],
				]);
				return isoBase64URL.fromBuffer(isoCBOR.encode(none as never) as never);
			}
			return verified<NewPasskey>(shown, relyingParty, async () => {
				const attestationObject = withoutAttestation(shown.response.attestationObject);
				const { registrationInfo: info } = await verifyRegistrationResponse({
					response: forLibrary(shown, { ...shown.response, attestationObject }),
					expectedChallenge: challenge,
					expectedOrigin: [...relyingParty.origins],
					expectedRPID: relyingParty.id,
					requireUserVerification: false,
					supportedAlgorithmIDs: algorithms,
				});
				if (info === undefined || info.credential.id !== shown.id) return undefined;
				const { id, publicKey, counter } = info.credential;
				const idBytes = Buffer.from(id, 'base64url').length;
				if (publicKey.byteLength > maxPublicKeyBytes || idBytes > maxCredentialIdBytes || idBytes === 0)
					return undefined;
				return {
					credentialId: id,
					publicKey: Buffer.from(publicKey).toString('base64url'),
					aaguid: info.aaguid,
					userVerified: info.userVerified,
					signCount: counter,
					backupEligible: info.credentialDeviceType === 'multiDevice',
					backedUp: info.credentialBackedUp,
				};
			});
		},
		async assertion(shown, { challenge, relyingParty, publicKey }) {
			const { verifyAuthenticationResponse } = library();
			return verified<AuthenticatorSays>(shown, relyingParty, async () => {
				const { verified: isSigned, authenticationInfo: info } = await verifyAuthenticationResponse({
					response: forLibrary(shown, { ...shown.response, userHandle: shown.response.userHandle ?? undefined }),
					expectedChallenge: challenge,
					expectedOrigin: [...relyingParty.origins],
					expectedRPID: relyingParty.id,
					// Whether the person had to be verified, and whether the counter has grown, is the core's to say.
					requireUserVerification: false,
					credential: { id: shown.id, publicKey: new Uint8Array(Buffer.from(publicKey, 'base64url')), counter: 0 },
				});
				if (!isSigned) return undefined;
				return {
					userVerified: info.userVerified,
					signCount: info.newCounter,
					backupEligible: info.credentialDeviceType === 'multiDevice',
					backedUp: info.credentialBackedUp,
				};
			});
		},
	};
}

/** Extensions prove nothing, and are left aside. */
function forLibrary<R>({ id, rawId, type }: ShownRegistration | ShownAssertion, response: R) {
	return { id, rawId, type, response: response as never, clientExtensionResults: {} };
}

async function verified<T>(
	shown: ShownRegistration | ShownAssertion,
	relyingParty: RelyingParty,
	verify: () => Promise<T | undefined>,
): Promise<Verified<T>> {
	const flaw = flawOfClientData(shown, relyingParty);
	if (flaw !== undefined) return { ok: false, flaw };
	try {
		const value = await verify();
		return value === undefined ? { ok: false, flaw: 'passkey-invalid' } : { ok: true, value };
	} catch {
		// The library throws for whatever is wrong; what it was given may be anything.
		return { ok: false, flaw: 'passkey-invalid' };
	}
}

/**
 * What an operator can mend has a name of its own; and a page in a frame of another site is none of ours, whether the browser says which
 * site that is or not.
 */
function flawOfClientData({ response }: ShownRegistration | ShownAssertion, { origins }: RelyingParty) {
	let flaw: PasskeyFlaw | undefined;
	try {
		const { origin, crossOrigin } = JSON.parse(Buffer.from(response.clientDataJSON, 'base64url').toString('utf8'));
		if (!origins.includes(origin) || (crossOrigin !== undefined && crossOrigin !== false)) flaw = 'passkey-origin';
	} catch {
		flaw = 'passkey-invalid';
	}
	return flaw;
}
