import type { IdentityName, Permission } from './identity.ts';
import type { AssuranceLevel, CredentialKind, FactorKind } from './session.ts';

/** What a session can be raised by. */
export type ProofMethod = 'password' | 'certificate' | Exclude<FactorKind, 'recovery-code'>;

export interface ProofNeeded {
	readonly kind: 'proof-needed';
	readonly level: AssuranceLevel;
	readonly withinMs?: number;
	/** What would do; none where the identity has nothing that does. Absent: not by a session, so that nothing would. */
	readonly methods?: readonly ProofMethod[];
}

/** Every way the core says no. A refusal is an answer, not an exception. */
export type Refusal =
	/** Unknown name, wrong password, disabled, certificate only; nobody outside learns which. */
	| { readonly kind: 'bad-credentials' }
	/** The password is right, was set by somebody else, and was not used in time. Who shows another is told `bad-credentials`. */
	| { readonly kind: 'password-expired' }
	/** Too many wrong passwords for this name from this source. */
	| { readonly kind: 'too-many-attempts'; readonly retryAfterMs: number }
	/** More hashes are waiting than can be made in time. */
	| { readonly kind: 'too-busy'; readonly retryAfterMs: number }
	/** No certificate, or one that is not trusted for this; or not the one that the session is bound to. */
	| { readonly kind: 'bad-certificate' }
	| { readonly kind: 'no-session' }
	| { readonly kind: 'session-expired' }
	/** The session waits for another password. */
	| { readonly kind: 'session-locked' }
	/** The session waits for a second factor. */
	| { readonly kind: 'session-needs-factor' }
	/** The session waits until a second factor is set up. */
	| { readonly kind: 'session-needs-enrolment' }
	/** The credential is right and a second factor must be shown; where no locked session can carry that. */
	| { readonly kind: 'second-factor-needed' }
	| { readonly kind: 'xsrf-token-mismatch' }
	/** The session is older than the identity's present credentials, or a change of them came in between. */
	| { readonly kind: 'credentials-changed' }
	/** The password is right and must be changed first; where no locked session can carry that. */
	| { readonly kind: 'password-change-needed' }
	| {
			readonly kind: 'permission-missing';
			readonly permission: Permission;
			readonly identity?: IdentityName;
			/** The identity that cannot get a token for it. Absent: the caller lacks it. */
			readonly holder?: IdentityName;
	  }
	/** Right, but of a kind that does not open this; `credentials` do. */
	| {
			readonly kind: 'credential-not-accepted';
			readonly credentials: readonly CredentialKind[];
			readonly identity?: IdentityName;
	  }
	/** An API token that nobody can have been given: mistyped, or cut off. */
	| { readonly kind: 'token-malformed' }
	/** An API token that is unknown, has ended, or is not taken from there. */
	| { readonly kind: 'token-invalid' }
	| { readonly kind: 'token-expired' }
	/** An API token that opens other paths. */
	| { readonly kind: 'token-path' }
	| { readonly kind: 'too-many-tokens' }
	/** No Kura takes the name, so it stands in no access token. */
	| { readonly kind: 'name-unfit' }
	/** An identity of a service has no password. */
	| { readonly kind: 'service-identity' }
	/** The session has not reached this level, or too long ago: to be proved, or once more. */
	| ProofNeeded
	/** A new passkey that cannot be verified, or is not allowed; nobody outside learns which. */
	| { readonly kind: 'passkey-refused' }
	/** A passkey that is there already. */
	| { readonly kind: 'passkey-taken' }
	| { readonly kind: 'too-many-authenticators' }
	/** Of an app or on paper: wrong, or used. */
	| { readonly kind: 'wrong-code' }
	/** The identity must have a second factor, and this is its last one. */
	| { readonly kind: 'last-factor' }
	/** There is no second factor that recovery codes could stand in for. */
	| { readonly kind: 'no-factor' }
	| { readonly kind: 'same-password' }
	| { readonly kind: 'weak-password'; readonly requirement: string }
	/** A proxy asks about another request, and it is not clear which, or nothing is known of it. */
	| { readonly kind: 'forwarded-request-unclear' }
	/** A page of another site sent it. */
	| { readonly kind: 'cross-site' }
	/** The script of a service worker that could control pages of others. */
	| { readonly kind: 'worker-scope' }
	/** A ticket that was used, is too old, of another host or browser, or none: nobody outside learns which. */
	| { readonly kind: 'ticket-refused' }
	/** By a session that was handed over to this host, which is good for what is protected here. */
	| { readonly kind: 'portal-only' }
	/** Switched off in the configuration, or not there. */
	| { readonly kind: 'not-found' }
	/** `because`: in words that follow "The name". */
	| { readonly kind: 'bad-name'; readonly because?: string }
	| { readonly kind: 'name-taken' }
	/** Nobody could administer any more: this is the last identity that is enabled and holds `kura.admin`. */
	| { readonly kind: 'last-administrator' }
	/** One that looks like it is defined. */
	| { readonly kind: 'permission-taken' }
	/** Nobody has defined it: neither a rule nor an administrator. */
	| { readonly kind: 'permission-unknown'; readonly permission: Permission }
	/** Defined by Kura or a rule: not to be taken away. */
	| { readonly kind: 'permission-built-in' }
	/** A login by password without any. */
	| { readonly kind: 'password-missing' }
	/** One's own password is changed with the present one, not set like somebody else's. */
	| { readonly kind: 'own-password' }
	/** Among others at once: who acts would lose the administration by it. */
	| { readonly kind: 'own-identity' }
	/** An invitation that was used, is over, was replaced, or none: nobody outside learns which. */
	| { readonly kind: 'invitation-over' }
	/** Disabled, or past its end. */
	| { readonly kind: 'identity-disabled' }
	/** The first setup happened before. */
	| { readonly kind: 'already-set-up' }
	| { readonly kind: 'not-set-up' }
	/** The login stands in the configuration, and is changed there and nowhere else. */
	| { readonly kind: 'set-in-configuration' }
	/** The first setup, without the one-time token that `serve` prints. */
	| { readonly kind: 'setup-token-needed' };

export type Outcome<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly refusal: Refusal };

export function ok<T>(value: T): Outcome<T> {
	return { ok: true, value };
}

export function refuse(refusal: Refusal): { readonly ok: false; readonly refusal: Refusal } {
	return { ok: false, refusal };
}
