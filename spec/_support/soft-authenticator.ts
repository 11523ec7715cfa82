import { createHash, generateKeyPairSync, type KeyObject, randomBytes, sign } from 'node:crypto';

/*
 * An authenticator in software, and the browser around it: ES256, attestation "none", a counter. Each part of what it says can be
 * another one, for specs that try what no honest one says.
 */

const base64url = (bytes: Buffer | string) => Buffer.from(bytes).toString('base64url');
const sha256 = (bytes: Buffer | string) => createHash('sha256').update(bytes).digest();

type Cbor = number | string | Buffer | ReadonlyMap<number | string, Cbor>;

/** Of what stands in an attestation and a key, in the canonical form of CTAP2. */
function cbor(value: Cbor): Buffer {
	const head = (major: number, count: number) =>
		count < 24
			? Buffer.of((major << 5) | count)
			: count < 256
				? Buffer.of((major << 5) | 24, count)
				: Buffer.of((major << 5) | 25, count >> 8, count & 255);
	if (typeof value === 'number') return value < 0 ? head(1, -1 - value) : head(0, value);
	if (typeof value === 'string') return Buffer.concat([head(3, Buffer.byteLength(value)), Buffer.from(value)]);
	if (Buffer.isBuffer(value)) return Buffer.concat([head(2, value.length), value]);
	return Buffer.concat([head(5, value.size), ...[...value].flat().map((each) => cbor(each as Cbor))]);
}

export interface SoftCredential {
	readonly id: string;
	readonly rpId: string;
	readonly userHandle: string;
	readonly privateKey: KeyObject;
	signCount: number;
}

/** What it says besides. Absent: what an honest one says. */
export interface Said {
	readonly origin?: string;
	readonly type?: string;
	readonly challenge?: string;
	readonly rpId?: string;
	readonly crossOrigin?: boolean;
	/** Its flags: UP 1, UV 4, BE 8, BS 16. */
	readonly flags?: number;
	readonly signCount?: number;
	readonly userHandle?: string;
	readonly fmt?: string;
	readonly attStmt?: ReadonlyMap<string, Cbor>;
	readonly aaguid?: string;
	readonly privateKey?: KeyObject;
}

export interface SoftWishes {
	readonly origin: string;
	/** Absent: the person is verified each time. */
	readonly verifies?: boolean;
	/** Absent: it counts. */
	readonly counts?: boolean;
	/** Absent: its passkeys are found without being named. */
	readonly discoverable?: boolean;
}

interface CreationOptions {
	readonly rp: { readonly id: string };
	readonly user: { readonly id: string };
	readonly challenge: string;
}

interface RequestOptions {
	readonly rpId: string;
	readonly challenge: string;
	readonly allowCredentials?: readonly { readonly id: string }[];
}

export function createSoftAuthenticator(wishes: SoftWishes) {
	const { verifies = true, counts = true, discoverable = true } = wishes;
	const credentials: SoftCredential[] = [];
	const usualFlags = verifies ? 0x05 : 0x01;

	function clientData(type: string, challenge: string, said: Said): string {
		const { origin = wishes.origin, crossOrigin = false } = said;
		return base64url(
			JSON.stringify({ type: said.type ?? type, challenge: said.challenge ?? challenge, origin, crossOrigin }),
		);
	}

	function authenticatorData(rpId: string, flags: number, signCount: number, attested = Buffer.alloc(0)): Buffer {
		const count = Buffer.alloc(4);
		count.writeUInt32BE(signCount);
		return Buffer.concat([sha256(rpId), Buffer.of(flags), count, attested]);
	}

	return {
		credentials,
		/** As `navigator.credentials.create`. */
		create({ rp, user, challenge }: CreationOptions, said: Said = {}) {
			const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
			const { x = '', y = '' } = publicKey.export({ format: 'jwk' });
			const id = randomBytes(32);
			const key = new Map<number, Cbor>([
				...([
					[1, 2],
					[3, -7],
					[-1, 1],
				] as const),
				[-2, Buffer.from(x, 'base64url')],
				[-3, Buffer.from(y, 'base64url')],
			]);
			const aaguid = Buffer.from((said.aaguid ?? '').replaceAll('-', '').padStart(32, '0'), 'hex');
			const attested = Buffer.concat([aaguid, Buffer.of(0, id.length), id, cbor(key)]);
			const flags = (said.flags ?? usualFlags) | 0x40;
			const authData = authenticatorData(said.rpId ?? rp.id, flags, said.signCount ?? 0, attested);
			const attestation = new Map<string, Cbor>([
				['fmt', said.fmt ?? 'none'],
				['attStmt', said.attStmt ?? new Map()],
				['authData', authData],
			]);
			credentials.push({ id: base64url(id), rpId: rp.id, userHandle: user.id, privateKey, signCount: 0 });
			return {
				id: base64url(id),
				rawId: base64url(id),
				type: 'public-key' as const,
				response: {
					clientDataJSON: clientData('webauthn.create', challenge, said),
					attestationObject: base64url(cbor(attestation)),
					transports: ['internal'],
				},
				clientExtensionResults: { credProps: { rk: discoverable } },
			};
		},
		/** As `navigator.credentials.get`: by the newest that is asked for. */
		get({ rpId, challenge, allowCredentials }: RequestOptions, said: Said = {}) {
			const fitting = credentials.filter((one) => one.rpId === rpId);
			const credential = allowCredentials
				? fitting.findLast(({ id }) => allowCredentials.some((allowed) => allowed.id === id))
				: discoverable
					? fitting.at(-1)
					: undefined;
			if (credential === undefined) throw new Error('NotAllowedError: it has no such passkey');
			if (counts) credential.signCount += 1;
			const clientDataJSON = clientData('webauthn.get', challenge, said);
			const authData = authenticatorData(
				said.rpId ?? rpId,
				said.flags ?? usualFlags,
				said.signCount ?? credential.signCount,
			);
			const signed = Buffer.concat([authData, sha256(Buffer.from(clientDataJSON, 'base64url'))]);
			const userHandle = said.userHandle ?? (discoverable ? credential.userHandle : undefined);
			return {
				id: credential.id,
				rawId: credential.id,
				type: 'public-key' as const,
				response: {
					clientDataJSON,
					authenticatorData: base64url(authData),
					signature: base64url(sign('sha256', signed, said.privateKey ?? credential.privateKey)),
					...(userHandle !== undefined && { userHandle }),
				},
				clientExtensionResults: {},
			};
		},
	};
}
