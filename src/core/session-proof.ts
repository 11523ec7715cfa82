import type { Audit } from './audit.ts';
import type { Credentials } from './authentication.ts';
import type { Identity } from './identity.ts';
import type { AuthenticatedSession, NewSession, OpenOptions, ShownCertificate } from './opened-session.ts';
import type { Password } from './password.ts';
import type { Outcome } from './refusal.ts';
import { refuse } from './refusal.ts';
import type { RequestContext } from './request.ts';
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
	request: RequestContext,
) => Promise<Outcome<NewSession>>;

export interface ProveParts {
	readonly credentials: Credentials;
	readonly ends: SessionEnds;
	open(identity: Identity, request: RequestContext, opening: OpenOptions): Promise<Outcome<NewSession>>;
	readonly audit: Audit;
}

export function createProve({ credentials, ends, open, audit }: ProveParts): Prove {
	async function tryProof({ name, id }: Identity, proof: Proof, request: RequestContext): Promise<Outcome<Identity>> {
		const act = { act: 'proof', method: proof.by } as const;
		if (proof.by === 'certificate' && proof.shown?.name !== name) {
			audit.write({ ...act, outcome: 'refused', reason: 'bad-certificate', identity: name, ...auditFieldsOf(request) });
			return refuse({ kind: 'bad-certificate' });
		}
		const proved =
			proof.by === 'password'
				? await credentials.byPassword(name, proof.password, request, act)
				: await credentials.byCertificate(name, request, act);
		// The name may have gone over to somebody else meanwhile.
		return proved.ok && proved.value.id !== id ? refuse({ kind: 'credentials-changed' }) : proved;
	}

	return async ({ session, identity }, proof, request) => {
		const proved = await tryProof(identity, proof, request);
		if (!proved.ok) return proved;
		// Only whoever ends the old session opens the new one: what was ended elsewhere meanwhile stays ended.
		const fields = { identity: identity.name, ...auditFieldsOf(request) };
		if (!(await ends.drop(session, 'session-end', fields))) return refuse({ kind: 'no-session' });
		const by = proof.by === 'certificate' && proof.shown ? proof.shown : 'password';
		return open(proved.value, request, { by, act: 'proof' });
	};
}
