import { askInSession, findSession } from './api.ts';

/* Second factors, as `session-v1.ts` has the rest. */

export type FactorKind = 'totp' | 'passkey';
/** What can be shown now. */
export type FactorMethod = FactorKind | 'recoveryCode';

export interface FactorLogin {
	/** After a login by one of them. */
	readonly recoveryCodesLeft?: number;
}

export interface Authenticator {
	readonly id: string;
	readonly kind: FactorKind;
	readonly name: string;
	readonly createdAt: string;
	readonly lastUsedAt?: string;
	/** A passkey that its maker keeps elsewhere, too. */
	readonly backedUp?: boolean;
	/** It proves nothing since then: after too many wrong codes, or when it seemed to be copied. */
	readonly disabledAt?: string;
}

export interface Authenticators {
	readonly authenticators: readonly Authenticator[];
	readonly recoveryCodesLeft: number;
	/** One must be there. */
	readonly required: boolean;
}

/** Shown once. */
export interface NewTotp {
	readonly id: string;
	readonly secret: string;
	readonly qr: string;
}

/** The second step of a login; the session that follows has another token. */
export const usableFactors = () => askInSession<{ readonly methods: readonly FactorMethod[] }>('GET', '/secondFactor');
export const logInByTotp = (code: string) => askInSession<FactorLogin>('POST', '/login/totp', { code });
export const logInByRecoveryCode = (code: string) => askInSession<FactorLogin>('POST', '/login/recoveryCode', { code });

/** Second factors. `of`: whose, for administrators; absent: one's own. */
const factorsOf = (of: string | undefined) =>
	of === undefined ? '/authenticators' : `/identities/${encodeURIComponent(of)}/authenticators`;
export const authenticators = (of?: string) => askInSession<Authenticators>('GET', factorsOf(of));
export const addTotp = (name: string) => askInSession<NewTotp>('POST', '/authenticators/totp', { name });
/** The session goes on under another token. */
export async function confirmTotp(id: string, code: string): Promise<void> {
	await askInSession<void>('POST', `/authenticators/totp/${id}/confirmation`, { code });
	await findSession();
}
export const renameAuthenticator = (id: string, name: string) =>
	askInSession<void>('PUT', `/authenticators/${id}`, { name });
/** The same. */
export async function removeAuthenticator(id: string): Promise<void> {
	await askInSession<void>('DELETE', `/authenticators/${id}`);
	await findSession();
}
export const makeRecoveryCodes = () => askInSession<{ readonly codes: readonly string[] }>('POST', '/recoveryCodes');
export const resetAuthenticators = (of: string) => askInSession<{ readonly removed: number }>('DELETE', factorsOf(of));
