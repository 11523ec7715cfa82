import type { Connection } from './connection.ts';

/* The operations of one's own session that every page needs: a line for each. The whole of it stands in `/openapi.yaml`. */

export interface CurrentIdentity {
	readonly name: string;
	readonly permissions: readonly string[];
}

/** What is shown after the password: a code of an app, one from paper, or what a passkey has signed. */
export type FactorShown =
	| { readonly code: string }
	| { readonly recoveryCode: string }
	| { readonly credential: unknown };

/** What proves once more who is there; absent: the certificate that the session was opened by. */
export type ProofShown = FactorShown | { readonly password: string };

export interface FactorLogin {
	/** After a login by one of them. */
	readonly recoveryCodesLeft?: number;
}

/** What an app is to know. Shown once. */
export interface NewTotp {
	readonly id: string;
	readonly secret: string;
	/** `otpauth://totp/…` */
	readonly uri: string;
	/** The same as an SVG document. */
	readonly qr: string;
}

export function sessionV1({ ask, askInSession, findSession }: Connection) {
	const post = <T = void>(path: string, body?: unknown) => askInSession<T>('POST', path, body);

	/** For what gives the session another token. */
	async function raise(path: string, body: unknown): Promise<void> {
		await post(path, body);
		await findSession();
	}

	return {
		login: (username: string, password: string) => ask<void>('POST', '/login/password', { username, password }),
		/** The second step of a login. The session that follows has another token. */
		async secondFactor(shown: FactorShown): Promise<FactorLogin> {
			if ('credential' in shown) return (await post<FactorLogin | undefined>('/login/passkey', shown)) ?? {};
			if ('code' in shown) return post<FactorLogin>('/login/totp', { code: shown.code });
			return post<FactorLogin>('/login/recoveryCode', { code: shown.recoveryCode });
		},
		currentIdentity: () => askInSession<CurrentIdentity>('GET', '/currentIdentity'),
		changePassword: (currentPassword: string, newPassword: string) =>
			post('/changePassword', { currentPassword, newPassword }),
		prove: (shown: ProofShown | undefined) => raise('/proof', shown),
		addTotp: (name: string) => post<NewTotp>('/authenticators/totp', { name }),
		confirmTotp: (id: string, code: string) => raise(`/authenticators/totp/${id}/confirmation`, { code }),
		makeRecoveryCodes: () => post<{ readonly codes: readonly string[] }>('/recoveryCodes'),
		logout: () => post('/logout'),
	};
}
