import type { Context } from 'koa';
import { byFactor, type Factor } from '../../core/factor.ts';
import type { NewSession, ShownCertificate } from '../../core/opened-session.ts';
import type { Proof } from '../../core/session-proof.ts';
import type { Sessions } from '../../core/sessions.ts';
import { parse } from '../../http/request/body.ts';
import { originOf } from '../../http/request/context.ts';
import { throwRefusal, unwrap } from '../../http/response/refusals.ts';
import { type Route, sessionRoute } from '../../http/route.ts';
import { ownSession } from './administration.ts';
import type { KuraAuthenticator } from './authenticator.ts';
import { proofRequest } from './bodies.ts';
import type { PasskeyRouteParts } from './passkeys.ts';
import { base } from './paths.ts';

export interface ProofRouteParts {
	readonly sessions: Pick<Sessions, 'prove'>;
	readonly authenticator: Pick<KuraAuthenticator, 'requestContextOf'>;
	readonly auth: { readonly password: boolean; readonly certificate: boolean };
	readonly passkeys: Pick<PasskeyRouteParts, 'factor' | 'relyingPartyOf'>;
	/** For codes of apps. Absent: none are taken. */
	readonly totp?: Factor<string>;
	shownBy(ctx: Context): ShownCertificate | undefined;
	welcome(ctx: Context, opened: NewSession): Promise<void>;
}

/** Ours: proves more in a session, or once more. */
export function proofRoute({
	sessions,
	authenticator,
	auth,
	passkeys,
	totp,
	shownBy,
	welcome,
}: ProofRouteParts): Route {
	const notFound = () => throwRefusal({ kind: 'not-found' });

	async function proofIn(ctx: Context): Promise<Proof> {
		const { password, code, credential } = await parse(ctx, proofRequest, 'json');
		if (credential !== undefined) {
			const relyingParty = passkeys.relyingPartyOf(originOf(ctx)) ?? notFound();
			return byFactor(passkeys.factor, { credential, relyingParty });
		}
		if (code !== undefined) return totp ? byFactor(totp, code) : notFound();
		return auth.password && password !== undefined ? { by: 'password', password } : notFound();
	}

	return sessionRoute({
		method: 'POST',
		path: `${base}/proof`,
		requires: ownSession,
		body: proofRequest.optional(),
		// A certificate is shown, and nothing is sent.
		readBody: 'in-handler',
		async handle(ctx, checked) {
			const isByCertificate = checked.session.openedBy === 'certificate' && !hasBody(ctx);
			if (isByCertificate && !auth.certificate) notFound();
			const proof: Proof = isByCertificate ? { by: 'certificate', shown: shownBy(ctx) } : await proofIn(ctx);
			await welcome(ctx, unwrap(await sessions.prove(checked, proof, authenticator.requestContextOf(ctx))));
			ctx.status = 204;
		},
	});
}

function hasBody({ req }: Context): boolean {
	return req.headers['transfer-encoding'] !== undefined || (req.headers['content-length'] ?? '0') !== '0';
}
