import { askInSession, findSession, session } from './api.ts';

/* Second factors, as `session-v1.ts` has the rest. */

export type FactorKind = 'totp' | 'passkey';
/** What can be shown now. */
export type FactorMethod = FactorKind | 'recoveryCode';

export type { FactorLogin, NewTotp } from '../client/session-v1.ts';

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

/** The second step of a login; the session that follows has another token. */
export const usableFactors = () => askInSession<{ readonly methods: readonly FactorMethod[] }>('GET', '/secondFactor');
export const logInByTotp = (code: string) => session.secondFactor({ code });
export const logInByRecoveryCode = (recoveryCode: string) => session.secondFactor({ recoveryCode });

/** Second factors. `of`: whose, for administrators; absent: one's own. */
const factorsOf = (of: string | undefined) =>
	of === undefined ? '/authenticators' : `/identities/${encodeURIComponent(of)}/authenticators`;
export const authenticators = (of?: string) => askInSession<Authenticators>('GET', factorsOf(of));
export const renameAuthenticator = (id: string, name: string) =>
	askInSession<void>('PUT', `/authenticators/${id}`, { name });
/** The session goes on under another token. */
export async function removeAuthenticator(id: string): Promise<void> {
	await askInSession<void>('DELETE', `/authenticators/${id}`);
	await findSession();
}
export const { addTotp, confirmTotp, makeRecoveryCodes } = session;
export const resetAuthenticators = (of: string) => askInSession<{ readonly removed: number }>('DELETE', factorsOf(of));
