import type { Audit } from './audit.ts';
import type { Credentials } from './authentication.ts';
import type { Identity } from './identity.ts';
import type { AuthenticatedSession, NewSession, OpenOptions, ShownCertificate } from './opened-session.ts';
import type { Password } from './password.ts';
import type { Outcome } from './refusal.ts';
import { refuse } from './refusal.ts';
import type { Visit } from './request.ts';
import { auditFieldsOf } from './request.ts';
import type { OpenSession } from './session.ts';
import type { SessionEnds } from './session-ends.ts';

/** By a certificate: `undefined` where none came along, or one that is not trusted. */
export type Proof =
	| { readonly by: 'password'; readonly password: Password }
	| { readonly by: 'certificate'; readonly shown: ShownCertificate | undefined };

/**
 * Proves again who holds an open session. Right: the session ends, and another one of the same identity takes its place,
 * with a token and an XSRF token of its own; whoever has the old ones has nothing. Wrong: the session lives on.
 *
 * Refusals: `bad-credentials`, `bad-certificate`; `too-many-attempts`, `too-busy` (a wrong proof counts as a wrong
 * login); `no-session` where the session was ended meanwhile, which a proof does not undo; `credentials-changed`.
 * Source: OWASP ASVS 5.0, 7.2.4 and 7.5.1.
 */
export type Prove = (
	checked: AuthenticatedSession<OpenSession>,
	proof: Proof,
	visit: Visit,
) => Promise<Outcome<NewSession>>;

export interface ProveParts {
	readonly credentials: Credentials;
	readonly ends: SessionEnds;
	open(identity: Identity, visit: Visit, opening: OpenOptions): Promise<Outcome<NewSession>>;
	readonly audit: Audit;
}

export function createProve({ credentials, ends, open, audit }: ProveParts): Prove {
	async function tryProof({ name, id }: Identity, proof: Proof, visit: Visit): Promise<Outcome<Identity>> {
		const act = { act: 'proof', method: proof.by } as const;
		if (proof.by === 'certificate' && proof.shown?.name !== name) {
			audit.write({ ...act, outcome: 'refused', reason: 'bad-certificate', identity: name, ...auditFieldsOf(visit) });
			return refuse({ kind: 'bad-certificate' });
		}
		const proved =
			proof.by === 'password'
				? await credentials.byPassword(name, proof.password, visit, act)
				: await credentials.byCertificate(name, visit, act);
		// The name may have gone over to somebody else meanwhile.
		return proved.ok && proved.value.id !== id ? refuse({ kind: 'credentials-changed' }) : proved;
	}

	return async ({ session, identity }, proof, visit) => {
		const proved = await tryProof(identity, proof, visit);
		if (!proved.ok) return proved;
		// Only whoever ends the old session opens the new one: what was ended elsewhere meanwhile stays ended.
		const told = { identity: identity.name, ...auditFieldsOf(visit) };
		if (!(await ends.drop(session, 'session-end', told))) return refuse({ kind: 'no-session' });
		const by = proof.by === 'certificate' && proof.shown ? proof.shown : 'password';
		return open(proved.value, visit, { by, act: 'proof' });
	};
}
