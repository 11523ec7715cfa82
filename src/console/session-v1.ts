import type { CurrentIdentity } from '../client/session-v1.ts';
import { type Awaited, ask, askInSession, session } from './api.ts';
import type { FactorKind } from './factors-v1.ts';

/*
 * The API as this page uses it: one line per endpoint. The whole of it stands in `/openapi.yaml`.
 */

export type { CurrentIdentity, ProofShown } from '../client/session-v1.ts';

export interface AuthenticationInfo {
	readonly passwordAuthenticationEnabled: boolean;
	readonly certificateAuthenticationEnabled: boolean;
	/** Where a client certificate is asked for. */
	readonly certificateAuthenticationPorts?: readonly number[];
	readonly apiTokensEnabled: boolean;
	readonly passkeyAuthenticationEnabled?: boolean;
	/** Kinds that can be set up. */
	readonly secondFactors?: readonly FactorKind[];
	/** To be shown before login. */
	readonly message?: string;
}

export interface PasswordPolicy {
	/** Characters, as people count them. */
	readonly minLength: number;
	/** Where there is no second factor. */
	readonly minLengthAlone?: number;
	readonly refuseCommon: boolean;
	readonly requireDigits: boolean;
	readonly requireSpecialCharacters: boolean;
	readonly requireBothCases: boolean;
}

export interface Identity extends CurrentIdentity {
	readonly passwordChangeNeeded: boolean;
	readonly hasPassword: boolean;
	/** Of one that has to be changed. */
	readonly passwordExpiresAt?: string;
	readonly disabled: boolean;
	/** Of a program: it has no password. */
	readonly service?: true;
	/** ISO 8601, as every time here. */
	readonly createdAt: string;
	/** Absent: never. */
	readonly lastSignInAt?: string;
}

export interface IdentityPage {
	readonly identities: readonly Identity[];
	/** The cursor of the page behind it. */
	readonly next?: string;
}

export interface Session {
	readonly id: string;
	/** Absent where the identity was removed a moment ago. */
	readonly identity?: string;
	readonly state: 'open' | 'locked';
	/** What a locked one waits for. */
	readonly needs?: Awaited;
	readonly openedBy: 'password' | 'passkey' | 'certificate';
	readonly openedAt: string;
	readonly lastActivityAt: string;
	readonly address: string;
	readonly device: string;
	/** Other hosts that it was handed over to. Absent: none. */
	readonly hosts?: readonly string[];
	/** The one that asks. */
	readonly current: boolean;
}

/** What one may open in a browser. */
export interface Application {
	readonly title: string;
	readonly url: string;
	/** A path here. */
	readonly icon?: string;
}

export interface Setup {
	readonly needed: boolean;
	/** The browser has shown a session cookie, whatever it is worth. Absent where sessions are switched off. */
	readonly sessionPresented?: boolean;
}

export interface NewIdentity {
	readonly name: string;
	/** Absent: it signs in by certificate only. */
	readonly password?: string;
	readonly permissions: readonly string[];
	readonly passwordChangeNeeded: boolean;
}

export interface IdentityChange {
	readonly permissions?: readonly string[];
	readonly disabled?: boolean;
	readonly passwordChangeNeeded?: true;
}

export interface ApiToken {
	readonly id: string;
	readonly name: string;
	readonly permissions: readonly string[];
	readonly networks?: readonly string[];
	readonly paths?: readonly string[];
	readonly expiresAt: string;
	readonly lastUsedAt?: string;
	readonly lastAddress?: string;
}

export interface NewToken {
	readonly name: string;
	readonly permissions: readonly string[];
	readonly expiresInDays: number;
	readonly networks?: readonly string[];
}

/** Shown once. */
export interface Invitation {
	/** Absolute, or relative to this host. */
	readonly url: string;
	/** An SVG document. */
	readonly qr?: string;
	readonly expiresAt: string;
}

export type InvitationPurpose = 'first-sign-in' | 'new-password' | 'new-factor';

export interface InvitationTold {
	readonly for: InvitationPurpose;
	readonly username: string;
}

/** Shown once. */
export interface MadeToken {
	readonly token: string;
}

/** Who asks is absent where nobody is signed in. */
export interface Question {
	readonly method: string;
	readonly url: string;
	readonly as?: string;
	/** The id of one of their API tokens, shown in place of a session. */
	readonly token?: string;
	readonly from?: string;
}

export interface ExplainedAnswer {
	readonly passes: boolean;
	/** Absent where it is passed on, to `upstream`. */
	readonly status?: number;
	readonly upstream?: string;
	readonly location?: string;
	readonly message?: string;
}

export interface DescribedRule {
	readonly number: number;
	readonly writtenAt: string;
	readonly hosts?: readonly string[];
	readonly paths?: readonly string[];
	readonly suffixes?: readonly string[];
	readonly methods?: readonly string[];
	readonly from?: readonly string[];
	readonly access?: string;
	readonly permissions?: { readonly any?: readonly string[]; readonly all?: readonly string[] };
}

export interface Explanation {
	readonly passes: boolean;
	readonly why: string;
	readonly missing: readonly string[];
	readonly rule?: DescribedRule;
	readonly answers: {
		readonly navigation?: ExplainedAnswer;
		readonly fetch?: ExplainedAnswer;
		readonly websocket?: ExplainedAnswer;
		readonly program?: ExplainedAnswer;
	};
}

const named = (name: string) => `/identities/${encodeURIComponent(name)}`;

export interface KnownPermission {
	readonly permission: string;
	/** Made before anybody held it. */
	readonly defined: boolean;
	readonly held: boolean;
	/** The rules that name it. */
	readonly opens: readonly DescribedRule[];
}

/** Before login. */
export const authenticationInfo = () => ask<AuthenticationInfo>('GET', '/authenticationInfo');
export const passwordPolicy = () => ask<PasswordPolicy>('GET', '/passwordPolicy');
export const setup = () => ask<Setup>('GET', '/setup');
export const setUp = (username: string, password: string, token: string) =>
	ask<void>('POST', '/setup', { username, password, token });
export const logInByCertificate = () => ask<void>('POST', '/login/certificate');
export const findInvitation = (code: string) => ask<InvitationTold>('POST', '/invitation', { code });
export const acceptInvitation = (code: string, password: string) =>
	ask<void>('POST', '/invitation/acceptance', { code, password });

/** One's own session and identity. */
export const { login: logIn, currentIdentity, changePassword, prove: proveAgain, logout: logOut } = session;
/** Whether somebody may be led to an address, and its one spelling. */
export const onward = (url: string, enter?: string) =>
	askInSession<{ readonly url: string }>('POST', '/continue', { url, ...(enter !== undefined && { enter }) });
export const applications = () =>
	askInSession<{ readonly applications: readonly Application[] }>('GET', '/applications');

/** Sessions: one's own; an administrator's reach further. */
type Sessions = { readonly sessions: readonly Session[] };
export const ownSessions = () => askInSession<Sessions>('GET', '/sessions');
export const sessionsOf = (name: string) =>
	askInSession<Sessions>('GET', `/sessions?identity=${encodeURIComponent(name)}`);
export const allSessions = () => askInSession<Sessions>('GET', '/sessions?all');
export const endSession = (id: string) => askInSession<void>('DELETE', `/sessions/${id}`);
export const endOtherSessions = () => askInSession<{ readonly ended: number }>('DELETE', '/sessions');
export const endSessionsOf = (name: string) =>
	askInSession<{ readonly ended: number }>('DELETE', `/sessions?identity=${encodeURIComponent(name)}`);

/** API tokens. `of`: whose, for administrators; absent: one's own. */
const tokensOf = (of: string | undefined) => (of === undefined ? '/tokens' : `${named(of)}/tokens`);
export const tokens = (of: string | undefined) =>
	askInSession<{ readonly tokens: readonly ApiToken[] }>('GET', tokensOf(of));
export const addToken = (token: NewToken, of: string | undefined) =>
	askInSession<MadeToken>('POST', tokensOf(of), token);
export const endToken = (id: string, of: string | undefined) => askInSession<void>('DELETE', `${tokensOf(of)}/${id}`);

/** Identities: for administrators. */
export const identities = (query: string) => askInSession<IdentityPage>('GET', `/identities?${query}`);
export const knownPermissions = () =>
	askInSession<{ readonly permissions: readonly KnownPermission[] }>('GET', '/permissions');
export const identity = (name: string) => askInSession<Identity>('GET', named(name));
export const addIdentity = (wanted: NewIdentity) => askInSession<Identity>('POST', '/identities', wanted);
export const changeIdentity = (name: string, change: IdentityChange) =>
	askInSession<Identity>('PATCH', named(name), change);
export const resetPassword = (name: string, password: string, passwordChangeNeeded: boolean) =>
	askInSession<void>('PUT', `${named(name)}/password`, { password, passwordChangeNeeded });
export const invite = (name: string, hours: number, purpose: InvitationPurpose) =>
	askInSession<Invitation>('POST', `${named(name)}/invitation`, { for: purpose, hours });
export const removeIdentity = (name: string) => askInSession<void>('DELETE', named(name));

/** Rules: for administrators. */
export const explain = (question: Question) => askInSession<Explanation>('POST', '/services/auth/v1/explain', question);
