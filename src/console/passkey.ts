import { ask, askInSession, findSession, session } from './api.ts';
import type { FactorLogin } from './factors-v1.ts';
import { Amiss } from './problem.ts';

/* Passkeys: what the browser asks a device for, and what becomes of it. The bytes are the browser's own business. */

/** Whether this browser, on this page, can ask for one. One of before 2025 knows them, and not their JSON. */
export const canUsePasskeys =
	isSecureContext &&
	typeof PublicKeyCredential === 'function' &&
	typeof PublicKeyCredential.parseRequestOptionsFromJSON === 'function';

type Challenge<T> = { readonly publicKey: T };
type Asked = Parameters<typeof PublicKeyCredential.parseRequestOptionsFromJSON>[0];
type ToBeMade = Parameters<typeof PublicKeyCredential.parseCreationOptionsFromJSON>[0];

/** A person who has changed their mind, or took too long, is told so and nothing else. */
async function asked(ask: () => Promise<Credential | null>): Promise<unknown> {
	try {
		return ((await ask()) as PublicKeyCredential).toJSON();
	} catch (fault) {
		const { name } = fault as DOMException;
		if (name === 'InvalidStateError') throw new Amiss(({ passkeys }) => passkeys.taken);
		if (name === 'SecurityError') throw new Amiss(({ passkeys }) => passkeys.notHere);
		throw new Amiss(({ passkeys }) => passkeys.cancelled);
	}
}

async function shown({ publicKey }: Challenge<Asked>): Promise<unknown> {
	const options = PublicKeyCredential.parseRequestOptionsFromJSON(publicKey);
	return asked(() => navigator.credentials.get({ publicKey: options }));
}

/** Without a password, and without a name. */
export async function logInByPasskey(): Promise<void> {
	const credential = await shown(await ask<Challenge<Asked>>('POST', '/passkey/challenge', {}));
	await ask<void>('POST', '/login/passkey', { credential });
}

/** As the second step of a login. */
export async function logInByPasskeyToo(): Promise<FactorLogin> {
	const credential = await shown(await askInSession<Challenge<Asked>>('POST', '/passkey/challenge', {}));
	return session.secondFactor({ credential });
}

/** For `proveAgain`. */
export async function showPasskey(): Promise<unknown> {
	return shown(await askInSession<Challenge<Asked>>('POST', '/passkey/challenge', {}));
}

/** Sets one up. The session goes on under another token. */
export async function addPasskey(name: string): Promise<void> {
	const { publicKey } = await askInSession<Challenge<ToBeMade>>('POST', '/authenticators/passkey/challenge', {});
	const options = PublicKeyCredential.parseCreationOptionsFromJSON(publicKey);
	const credential = await asked(() => navigator.credentials.create({ publicKey: options }));
	await askInSession<void>('POST', '/authenticators/passkey', { name, credential });
	await findSession();
}
