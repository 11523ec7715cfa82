import type { Context } from 'koa';
import { parseAuthenticatorId } from '../../core/authenticator.ts';
import { byFactor, type Factor, type FactorKind, type FactorProof, type Factors } from '../../core/factor.ts';
import type { Identities } from '../../core/identities.ts';
import type { Identity } from '../../core/identity.ts';
import { type Outcome, refuse } from '../../core/refusal.ts';
import type { SecondFactors } from '../../core/second-factors.ts';
import type { AuthenticatedSession, Sessions } from '../../core/sessions.ts';
import { throwRefusal, unwrap } from '../../http/response/refusals.ts';
import { reply } from '../../http/response/reply.ts';
import { type Route, sessionRoute } from '../../http/route.ts';
import { qrSvg } from '../../qr/qr.ts';
import {
	administration,
	administrationByProof,
	auditFieldsBy,
	freshProof,
	namedIdentity,
	ownSession,
} from './administration.ts';
import type { KuraAuthenticator } from './authenticator.ts';
import {
	authenticatorChange,
	newAuthenticator,
	recoveryCodeRequest,
	toAuthenticator,
	totpCodeRequest,
} from './factor-bodies.ts';
import { base } from './paths.ts';
import type { Welcome } from './welcome.ts';

export interface FactorRouteParts {
	readonly factors: Factors;
	readonly totp: Factor<string>;
	readonly recoveryCodes: Factor<string>;
	readonly secondFactors: SecondFactors;
	/** Whether an identity must have a second factor. */
	isRequired(identity: Identity): boolean;
	readonly identities: Pick<Identities, 'findByName'>;
	readonly sessions: Pick<Sessions, 'prove'>;
	readonly authenticator: KuraAuthenticator;
}

/** A session that waits for a second factor, or an open one. */
const forFactor = { session: 'any', lockedFor: ['second-factor'], xsrf: 'token', countsAsActivity: true } as const;
/** The same for one whose identity must set one up first. Adding or removing one needs a fresh proof by the strongest that there is. */
const forEnrolment = { ...forFactor, lockedFor: ['enrolment'] } as const;
const enrolmentByProof = { ...forEnrolment, ...freshProof } as const;
const ownByProof = { ...ownSession, ...freshProof } as const;

/** As the wire calls kinds. */
const kindNames: { readonly [Kind in FactorKind]: string } = {
	passkey: 'passkey',
	totp: 'totp',
	'recovery-code': 'recoveryCode',
};

/** What a code was answered: `wrong-code` in place of a wrong password. */
export function byCode<T>(outcome: Outcome<T>): Outcome<T> {
	return outcome.ok || outcome.refusal.kind !== 'bad-credentials' ? outcome : refuse({ kind: 'wrong-code' });
}

/** Ours: second factors at a login, and those that oneself or somebody has. */
export function factorRoutes(parts: FactorRouteParts & Welcome): Route[] {
	const { factors, totp, recoveryCodes, secondFactors, isRequired, identities, authenticator } = parts;
	const { welcome, welcomeAndTell } = parts;
	const named = namedIdentity(identities);
	/** What was typed there stands in no line of the audit. */
	const idIn = (ctx: Context) => {
		const { id } = (ctx as Context & { params: { id: string } }).params;
		return parseAuthenticatorId(id) ?? throwRefusal({ kind: 'not-found' });
	};

	const prove = async (ctx: Context, checked: AuthenticatedSession, proof: FactorProof) =>
		unwrap(byCode(await parts.sessions.prove(checked, proof, authenticator.requestContextOf(ctx))));
	const leftOf = async (identity: Identity) => secondFactors.recoveryCodesLeft(identity.id);
	const seenBy = async (identity: Identity) => ({
		authenticators: (await secondFactors.list(identity.id)).map(toAuthenticator),
		recoveryCodesLeft: await leftOf(identity),
		required: isRequired(identity),
	});

	return [
		sessionRoute({
			requires: forFactor,
			method: 'GET',
			path: `${base}/secondFactor`,
			async handle(ctx, { identity }) {
				reply(ctx, { methods: (await factors.readyFor(identity)).map((kind) => kindNames[kind]) });
			},
		}),
		sessionRoute({
			requires: forFactor,
			method: 'POST',
			path: `${base}/login/totp`,
			body: totpCodeRequest,
			async handle(ctx, checked, { code }) {
				const raised = await prove(ctx, checked, byFactor(totp, code));
				await welcomeAndTell(ctx, raised, { secondFactorNeeded: false });
			},
		}),
		sessionRoute({
			requires: forFactor,
			method: 'POST',
			path: `${base}/login/recoveryCode`,
			body: recoveryCodeRequest,
			async handle(ctx, checked, { code }) {
				const raised = await prove(ctx, checked, byFactor(recoveryCodes, code));
				const recoveryCodesLeft = await leftOf(checked.identity);
				await welcomeAndTell(ctx, raised, { secondFactorNeeded: false, recoveryCodesLeft });
			},
		}),

		sessionRoute({
			requires: forEnrolment,
			method: 'GET',
			path: `${base}/authenticators`,
			async handle(ctx, { identity }) {
				reply(ctx, await seenBy(identity));
			},
		}),
		sessionRoute({
			requires: enrolmentByProof,
			method: 'POST',
			path: `${base}/authenticators/totp`,
			body: newAuthenticator,
			async handle(ctx, checked, { name }) {
				const { id, secret, uri } = unwrap(await secondFactors.addTotp(checked.identity, name));
				reply(ctx, { id, secret, uri, qr: qrSvg(uri) }, 201);
			},
		}),
		sessionRoute({
			requires: enrolmentByProof,
			method: 'POST',
			path: `${base}/authenticators/totp/:id/confirmation`,
			body: totpCodeRequest,
			async handle(ctx, checked, { code }) {
				const request = authenticator.requestContextOf(ctx);
				const confirmed = await secondFactors.confirmTotp(checked, idIn(ctx), code, request);
				await welcomeAndTell(ctx, unwrap(byCode(confirmed)));
			},
		}),
		sessionRoute({
			requires: ownSession,
			method: 'PUT',
			path: `${base}/authenticators/:id`,
			body: authenticatorChange,
			async handle(ctx, { identity }, { name }) {
				unwrap(await secondFactors.rename(identity, idIn(ctx), name));
				ctx.status = 204;
			},
		}),
		sessionRoute({
			requires: ownByProof,
			method: 'DELETE',
			path: `${base}/authenticators/:id`,
			async handle(ctx, checked) {
				const request = authenticator.requestContextOf(ctx);
				await welcome(ctx, unwrap(await secondFactors.remove(checked, idIn(ctx), request)));
				ctx.status = 204;
			},
		}),
		sessionRoute({
			requires: ownByProof,
			method: 'POST',
			path: `${base}/recoveryCodes`,
			async handle(ctx, checked) {
				const fields = auditFieldsBy(ctx, checked);
				reply(ctx, { codes: unwrap(await secondFactors.makeRecoveryCodes(checked, fields)) });
			},
		}),

		sessionRoute({
			requires: administration,
			method: 'GET',
			path: `${base}/identities/:name/authenticators`,
			async handle(ctx) {
				reply(ctx, await seenBy(await named(ctx)));
			},
		}),
		sessionRoute({
			requires: administrationByProof,
			method: 'DELETE',
			path: `${base}/identities/:name/authenticators`,
			async handle(ctx, checked) {
				const { id } = await named(ctx);
				reply(ctx, { removed: unwrap(await secondFactors.reset(id, auditFieldsBy(ctx, checked))) });
			},
		}),
	];
}
