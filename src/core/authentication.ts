import type { Audit, AuditEvent } from './audit.ts';
import type { Clock } from './clock.ts';
import type { Factors } from './factor.ts';
import type { Identity, IdentityName } from './identity.ts';
import { isActive } from './identity.ts';
import type { Password, Passwords } from './password.ts';
import type { Outcome, Refusal } from './refusal.ts';
import { ok, refuse } from './refusal.ts';
import type { RequestContext } from './request.ts';
import { auditFieldsOf } from './request.ts';
import type { IdentityStore } from './stores.ts';
import { endOfPassword, withEndOf } from './temporary-password.ts';
import type { Attempts } from './throttle.ts';

/**
 * Which identity a credential proves. A refusal is written to the audit here, a success by the caller. Rejects where a store is away:
 * the attempt does not count then.
 */
export interface Credentials {
	/**
	 * The identity as it stood before its password was tried: who acts on it must look again whether the credential
	 * stamp still holds. Refusals: `bad-credentials` (unknown, wrong, disabled, expired or without a password: all alike, and
	 * as slow); `password-expired`, where it is right, to be changed, and too old; `too-many-attempts` and `too-busy`, with `retryAfterMs`, before anything is tried. Source: OWASP ASVS 5.0, 6.3.1.
	 * Shown for one access alone, it can carry no second factor: `second-factor-needed` where the identity has one. So does
	 * `byCertificate`. `only`: no other name is right, whatever its password; and it takes as long to say so.
	 */
	byPassword(
		name: IdentityName,
		password: Password,
		request: RequestContext,
		act: ProvedAct,
		only?: IdentityName,
	): Promise<Outcome<Identity>>;
	/** The identity that a trusted certificate names. Counted in the same way, since names can be guessed: `bad-credentials`, `too-many-attempts`. */
	byCertificate(name: IdentityName, request: RequestContext, act: ProvedAct): Promise<Outcome<Identity>>;
}

/** What the credential is shown for, as the audit calls it. */
export type ProvedAct = Pick<AuditEvent, 'act' | 'method'>;

export interface CredentialParts {
	readonly identities: Pick<IdentityStore, 'findByName' | 'replaceVerifier'>;
	readonly passwords: Passwords;
	readonly attempts: Attempts;
	readonly factors: Pick<Factors, 'levelOf' | 'needOf'>;
	readonly clock: Clock;
	readonly audit: Audit;
}

export function createCredentials({
	identities,
	passwords,
	attempts,
	factors,
	clock,
	audit,
}: CredentialParts): Credentials {
	function deny(refusal: Refusal, request: RequestContext, proved: ProvedAct, identity?: Identity) {
		audit.write({
			...proved,
			outcome: 'refused',
			reason: refusal.kind,
			...(identity && { identity: identity.name }),
			...auditFieldsOf(request),
		});
		return refuse(refusal);
	}

	/** Who has logged in with it in time may still change it. */
	function isTooLate({ passwordVerifier }: Identity, { act, method }: ProvedAct): boolean {
		const end = method === 'certificate' ? undefined : endOfPassword(passwordVerifier);
		return end !== undefined && act !== 'password-change' && clock.now() >= end;
	}

	/** It has one; or must set one up, and shows a password. Rule: Kura never asks a certificate for more. */
	async function needsFactor(identity: Identity, { method }: ProvedAct): Promise<boolean> {
		if ((await factors.levelOf(identity)) > 1) return true;
		return method === 'basic' && (await factors.needOf(identity, { methods: [], level: 1 })) === 'enrolment';
	}

	async function prove(
		name: IdentityName,
		request: RequestContext,
		proved: ProvedAct,
		isRight: (identity: Identity | undefined) => Promise<Outcome<boolean>>,
	): Promise<Outcome<Identity>> {
		const admitted = await attempts.admit(name, request.address);
		// Whether the name exists is looked up only for the audit, and not before the answer is decided.
		if (!admitted.ok) return deny(admitted.refusal, request, proved, await identities.findByName(name));
		const attempt = admitted.value;
		let identity: Identity | undefined;
		let right: Outcome<boolean>;
		try {
			identity = await identities.findByName(name);
			right = await isRight(identity);
		} catch (fault) {
			// The first fault tells more than a store that is away for this one, too.
			await attempt.abandoned().catch(() => undefined);
			throw fault;
		}
		if (!right.ok) {
			await attempt.abandoned();
			return deny(right.refusal, request, proved, identity);
		}
		if (!right.value || identity === undefined || identity.service || !isActive(identity, clock.now())) {
			await attempt.failed();
			return deny({ kind: 'bad-credentials' }, request, proved, identity);
		}
		if (isTooLate(identity, proved)) {
			await attempt.failed();
			return deny({ kind: 'password-expired' }, request, proved, identity);
		}
		await attempt.succeeded();
		if (proved.act === 'access' && (await needsFactor(identity, proved))) {
			return deny({ kind: 'second-factor-needed' }, request, proved, identity);
		}
		return ok(identity);
	}

	/** Parameters grow over the years; the only moment to follow is when the password is at hand. */
	async function renewVerifier(identity: Identity, password: Password) {
		const { passwordVerifier } = identity;
		if (passwordVerifier === undefined || !passwords.isOutdated(passwordVerifier)) return;
		const made = await passwords.make(password);
		if (made.ok)
			await identities.replaceVerifier(identity.id, identity.credentialStamp, withEndOf(made.value, passwordVerifier));
	}

	return {
		async byPassword(name, password, request, proved, only = name) {
			const outcome = await prove(name, request, proved, async (identity) => {
				const right = await passwords.check(identity?.passwordVerifier, password, identity?.name);
				return right.ok ? ok(right.value && name === only) : right;
			});
			if (outcome.ok) await renewVerifier(outcome.value, password);
			return outcome;
		},
		byCertificate: (name, request, proved) =>
			prove(name, request, proved, async (identity) => ok(identity !== undefined)),
	};
}
