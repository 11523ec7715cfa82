import type { Clock, Instant } from './clock.ts';
import type { Factors } from './factor.ts';
import type { Identity, IdentityName, PasswordVerifier, Permission } from './identity.ts';
import { reasonAgainst } from './identity.ts';
import type { Password, Passwords } from './password.ts';
import type { Outcome } from './refusal.ts';
import { ok, refuse } from './refusal.ts';
import { makeTemporary } from './temporary-password.ts';
import { newCredentialStamp, newIdentityId } from './token.ts';

/** An identity to be made. Without a password it logs in by certificate only. */
export interface NewIdentity {
	readonly name: IdentityName;
	readonly password?: Password;
	/** A verifier from elsewhere, in place of a password. */
	readonly passwordVerifier?: PasswordVerifier;
	readonly permissions: readonly Permission[];
	readonly passwordChangeNeeded: boolean;
	/** False: an operator's word counts more than the policy. */
	readonly policy: boolean;
	/** Of a program: without a password, and no certificate logs it in. */
	readonly service?: true;
	/** True: it is kept, and cannot log in. */
	readonly disabled?: true;
	/** Milliseconds from now until its end. Absent: it has none. */
	readonly expiresInMs?: number;
}

export interface NewIdentityParts {
	readonly passwords: Passwords;
	readonly clock: Clock;
	/** Absent: nobody has a second factor. */
	readonly factors?: Pick<Factors, 'levelOf'>;
	/** Milliseconds that a password is good which has to be changed. 0 or absent: no end. Config: `passwordPolicy.temporaryHours`. */
	readonly temporaryPasswordMs?: number;
}

/** `isTemporary`: somebody else has chosen it, and it has to be changed. */
export interface ForPassword {
	readonly policy: boolean;
	readonly isTemporary?: boolean;
	/** Whose it is going to be. Absent: of somebody who is yet to be made. */
	readonly of?: Identity;
}

/** Makes identities and password verifiers that no store has heard of yet. */
export interface MakeIdentity {
	/** Refusals: `bad-name`, `service-identity` where a service is to have a password, and those of `verifierFor`. */
	newIdentity(wanted: NewIdentity): Promise<Outcome<Identity>>;
	/** Refusals: `weak-password` where `policy` counts, `too-busy`. */
	verifierFor(password: Password, name: IdentityName, how: ForPassword): Promise<Outcome<PasswordVerifier>>;
}

export function createNewIdentity({
	passwords,
	clock,
	factors,
	temporaryPasswordMs = 0,
}: NewIdentityParts): MakeIdentity {
	async function verifierFor(
		password: Password,
		name: IdentityName,
		{ policy, isTemporary = false, of }: ForPassword,
	): Promise<Outcome<PasswordVerifier>> {
		const hasFactor = of !== undefined && factors !== undefined && (await factors.levelOf(of)) > 1;
		const judged = policy ? await passwords.judge(password, name, hasFactor) : ok(password);
		const made = judged.ok ? await passwords.make(judged.value) : judged;
		if (!made.ok || !isTemporary || temporaryPasswordMs === 0) return made;
		return ok(makeTemporary(made.value, (clock.now() + temporaryPasswordMs) as Instant));
	}

	async function newIdentity(wanted: NewIdentity): Promise<Outcome<Identity>> {
		const {
			name,
			password,
			passwordVerifier,
			permissions,
			passwordChangeNeeded,
			policy,
			service,
			disabled,
			expiresInMs,
		} = wanted;
		const because = reasonAgainst(name);
		if (because !== undefined) return refuse({ kind: 'bad-name', because });
		const hasPassword = password !== undefined || passwordVerifier !== undefined;
		if (service && hasPassword) return refuse({ kind: 'service-identity' });
		const now = clock.now();
		const made =
			password === undefined
				? ok(passwordVerifier)
				: await verifierFor(password, name, { policy, isTemporary: passwordChangeNeeded });
		if (!made.ok) return made;
		if (passwordVerifier !== undefined) await passwords.announce(passwordVerifier);
		return ok({
			id: newIdentityId(),
			name,
			permissions: new Set(permissions),
			...(made.value !== undefined && { passwordVerifier: made.value }),
			passwordChangeNeeded: passwordChangeNeeded && !service,
			credentialStamp: newCredentialStamp(),
			disabled: disabled ?? false,
			...(service && { service }),
			...(expiresInMs !== undefined && { expiresAt: (now + expiresInMs) as Instant }),
			createdAt: now,
		});
	}

	return { newIdentity, verifierFor };
}
