import type { ApiTokenId } from './api-token.ts';
import type { AuthenticatorId } from './authenticator.ts';
import type { IdentityName } from './identity.ts';
import type { InvitationPurpose } from './invitation.ts';
import type { PasskeyFlaw } from './passkey.ts';
import type { Outcome, Refusal } from './refusal.ts';
import type { DialectName, FactorKind, HostName, SessionKey, SessionNeed } from './session.ts';
import type { TicketFlaw } from './ticket.ts';

export type AuditedAct =
	| 'login'
	| 'logout'
	/** More was proved in a session, or once more: a second factor, or its credential again. */
	| 'proof'
	/** A session was handed over to another host. */
	| 'handover'
	| 'session-end'
	| 'session-expiry'
	/** A session was shown without the certificate that it is bound to. It goes on. */
	| 'session-stolen'
	| 'token-add'
	| 'token-end'
	| 'token-expiry'
	/** A pair of an access token and a refresh token; and another one for the refresh token. */
	| 'token-issue'
	| 'token-refresh'
	/** Second factors of an identity: one, or all. */
	| 'authenticator-add'
	| 'authenticator-remove'
	| 'authenticator-reset'
	/** Recovery codes were made, in place of those before. */
	| 'recovery-codes'
	/** One that was copied: it is switched off. */
	| 'authenticator-cloned'
	| 'password-change'
	| 'password-reset'
	| 'setup'
	/** A code was made that sets a password, or leads to a new factor; it was used, or could not be. */
	| 'invitation-add'
	| 'invitation-use'
	| 'identity-add'
	| 'identity-remove'
	| 'identity-rename'
	| 'identity-disable'
	| 'identity-enable'
	| 'permission-grant'
	| 'permission-revoke'
	| 'permission-add'
	| 'permission-remove'
	| 'access'
	/** The rules of what is protected are others. */
	| 'rules-change'
	/** Somebody looked at the audit, or took it along. */
	| 'audit-read'
	| 'audit-export'
	| 'start'
	| 'stop'
	| 'store-outage'
	| 'store-recovery'
	| 'store-backup'
	| 'store-restore';

/**
 * Who did what, with which outcome. There is no field that a secret could stand in: names are of identities that
 * exist, everything else that a client typed stays outside.
 */
export interface AuditEvent {
	readonly act: AuditedAct;
	readonly outcome: 'ok' | 'refused';
	/** SHA-256, hex, of the rules that are in force from now on. */
	readonly digest?: string;
	/** Why it was refused. */
	readonly reason?: Refusal['kind'] | 'origin' | 'certificate-untrusted' | 'token-reused' | TicketFlaw | PasskeyFlaw;
	/** Whom it is about. Absent: nobody known (a name that does not exist may be a password in the wrong field). */
	readonly identity?: IdentityName;
	/** What an invitation is for. */
	readonly purpose?: InvitationPurpose;
	/** The name that it goes by from now on, where it was renamed. */
	readonly newName?: IdentityName;
	/** Who did it, where that is someone else: an administrator, or `operator` for the command line. */
	readonly actor?: IdentityName | 'operator';
	readonly dialect?: DialectName;
	readonly method?:
		| 'password'
		| 'certificate'
		| 'basic'
		| 'token'
		| 'jwt'
		| 'setup-token'
		| 'local'
		| 'environment'
		| FactorKind;
	/** What the session waits for that was opened, or raised. Absent: nothing. */
	readonly needs?: SessionNeed;
	readonly address?: string;
	/** A short name of the program that a login came from; for the history, and no part of a line. */
	readonly device?: string;
	/** The host that a session was handed over to, as its ticket has it: never what a client wrote. */
	readonly host?: HostName;
	/** The session's key: it names the session and opens nothing. */
	readonly session?: SessionKey;
	/** The token's id: it names the token and opens nothing. */
	readonly token?: ApiTokenId;
	/** The authenticator's id: it names the authenticator and opens nothing. */
	readonly authenticator?: AuthenticatorId;
	/** Ours, or that of a trusted proxy. */
	readonly requestId?: string;
	/** As a trusted proxy says in `traceparent`: 32 hexadecimal digits. */
	readonly traceId?: string;
	/** Which store went away or came back. */
	readonly store?: 'Redis' | 'PostgreSQL';
	/** Of Latchkey, where it starts. */
	readonly version?: string;
}

/** Writes one line per event, before the answer that it belongs to. The time is the writer's. */
export interface Audit {
	write(event: AuditEvent): void;
}

/** How an act went. */
export function auditedOutcome(outcome: Outcome<unknown>): Pick<AuditEvent, 'outcome' | 'reason'> {
	return outcome.ok ? { outcome: 'ok' } : { outcome: 'refused', reason: outcome.refusal.kind };
}
