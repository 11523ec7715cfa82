import type { Context } from 'koa';
import { byFactor } from '../../core/factor.ts';
import type { NewSession, ShownCertificate } from '../../core/opened-session.ts';
import type { Proof } from '../../core/session-proof.ts';
import type { Sessions } from '../../core/sessions.ts';
import { parse } from '../../http/request/body.ts';
import { originOf } from '../../http/request/context.ts';
import { throwRefusal, unwrap } from '../../http/response/refusals.ts';
import { type Route, sessionRoute } from '../../http/route.ts';
import { ownSession } from './administration.ts';
import type { KuraAuthenticator } from './authenticator.ts';
import { proofRequest } from './factor-bodies.ts';
import { byCode, type FactorRouteParts } from './factors.ts';
import type { PasskeyRouteParts } from './passkeys.ts';
import { base } from './paths.ts';

export interface ProofRouteParts extends Pick<FactorRouteParts, 'totp' | 'recoveryCodes'> {
	readonly sessions: Pick<Sessions, 'prove'>;
	readonly authenticator: Pick<KuraAuthenticator, 'requestContextOf'>;
	readonly auth: { readonly password: boolean; readonly certificate: boolean };
	readonly passkeys: Pick<PasskeyRouteParts, 'factor' | 'relyingPartyOf'>;
	shownBy(ctx: Context): ShownCertificate | undefined;
	welcome(ctx: Context, opened: NewSession): Promise<void>;
}

/** Ours: proves more in a session, or once more. */
export function proofRoute(parts: ProofRouteParts): Route {
	const { sessions, authenticator, auth, passkeys, totp, recoveryCodes, shownBy, welcome } = parts;
	const notFound = () => throwRefusal({ kind: 'not-found' });

	async function proofIn(ctx: Context): Promise<Proof> {
		const { password, code, recoveryCode, credential } = await parse(ctx, proofRequest, 'json');
		if (code !== undefined) return byFactor(totp, code);
		if (recoveryCode !== undefined) return byFactor(recoveryCodes, recoveryCode);
		if (credential !== undefined) {
			const relyingParty = passkeys.relyingPartyOf(originOf(ctx)) ?? notFound();
			return byFactor(passkeys.factor, { credential, relyingParty });
		}
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
			const raised = await sessions.prove(checked, proof, authenticator.requestContextOf(ctx));
			await welcome(ctx, unwrap(proof.by === 'totp' || proof.by === 'recovery-code' ? byCode(raised) : raised));
			ctx.status = 204;
		},
	});
}

function hasBody({ req }: Context): boolean {
	return req.headers['transfer-encoding'] !== undefined || (req.headers['content-length'] ?? '0') !== '0';
}
