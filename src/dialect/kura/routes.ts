import type { Context } from 'koa';
import type { CertificateJudgement } from '../../certificates/verdict.ts';
import type { Identities } from '../../core/identities.ts';
import type { Sessions, ShownCertificate } from '../../core/sessions.ts';
import { originOf } from '../../http/request/context.ts';
import { emptyBrowserCache } from '../../http/response/private-caching.ts';
import { unwrap } from '../../http/response/refusals.ts';
import { reply } from '../../http/response/reply.ts';
import { openRoute, type Route, sessionRoute } from '../../http/route.ts';
import type { SessionCookie } from '../../http/session-cookie.ts';
import { ownSession } from './administration.ts';
import type { KuraAuthenticator } from './authenticator.ts';
import { passwordChangeRequest, toCurrentIdentity, usernamePassword } from './bodies.ts';
import { type FactorRouteParts, factorRoutes } from './factors.ts';
import { type InvitationRouteParts, invitationRoutes } from './invitations.ts';
import { type PasskeyRouteParts, passkeyRoutes } from './passkeys.ts';
import { base } from './paths.ts';
import { proofRoute } from './proof.ts';
import { createWelcome } from './welcome.ts';

export interface KuraParts
	extends Pick<InvitationRouteParts, 'invitations' | 'policy' | 'linkOf'>,
		Omit<FactorRouteParts, 'identities' | 'sessions' | 'authenticator'> {
	readonly passkeys: Pick<PasskeyRouteParts, 'passkeys' | 'factor' | 'relyingPartyOf'>;
	readonly sessions: Sessions;
	readonly identities: Identities;
	readonly authenticator: KuraAuthenticator;
	/** What can be set up, as the wire calls it. */
	readonly factorKindsOffered: readonly string[];
	readonly cookie: SessionCookie;
	certificateOf(ctx: Context): CertificateJudgement;
	/** Config: `auth`. What is off is not there: 404. */
	readonly auth: {
		readonly password: boolean;
		readonly certificate: boolean;
		readonly sessions: boolean;
		readonly basic: boolean;
		readonly statelessCertificate: boolean;
		readonly tokens: boolean;
		readonly certificateAnswer: 'empty' | 'body';
	};
	/** Config: `session.afterPasswordChange`, `session.pollingCounts`, `banner`. */
	readonly afterPasswordChange: 'end' | 'renew';
	readonly pollingCounts: boolean;
	readonly banner: { readonly beforeLogin?: string | undefined; readonly afterLogin?: string | undefined };
	/** The ports where certificates are asked for, as far as they are known; `undefined`: they are asked for nowhere. */
	certificatePorts(): readonly number[] | undefined;
}

/** Kura Session V1. Source: Kura's REST documentation, "Session V1 Rest APIs". */
export function kuraRoutes(parts: KuraParts): Route[] {
	const { sessions, identities, authenticator, cookie, certificateOf, auth, banner, certificatePorts } = parts;

	function shownBy(ctx: Context): ShownCertificate | undefined {
		const judged = certificateOf(ctx);
		return judged.kind === 'trusted'
			? { ...judged, isTrusted: () => certificateOf(ctx).kind === 'trusted' }
			: undefined;
	}

	const { welcome, welcomeAndTell } = createWelcome({ cookie, afterLogin: banner.afterLogin });

	const passwordLogin = openRoute({
		method: 'POST',
		path: `${base}/login/password`,
		body: usernamePassword,
		async handle(ctx, { username, password }) {
			await welcomeAndTell(ctx, unwrap(await sessions.login(username, password, authenticator.requestContextOf(ctx))));
		},
	});

	const certificateLogin = openRoute({
		method: 'POST',
		path: `${base}/login/certificate`,
		async handle(ctx) {
			const opened = unwrap(await sessions.loginByCertificate(shownBy(ctx), authenticator.requestContextOf(ctx)));
			await (auth.certificateAnswer === 'body' ? welcomeAndTell : welcome)(ctx, opened);
			if (auth.certificateAnswer !== 'body') ctx.status = 204;
		},
	});

	const ofSessions: Route[] = [
		sessionRoute({
			method: 'GET',
			path: `${base}/xsrfToken`,
			requires: { session: 'any', childSession: 'accepted', xsrf: 'exempt', countsAsActivity: parts.pollingCounts },
			handle(ctx, { session }) {
				reply(ctx, { xsrfToken: session.xsrfToken });
			},
		}),
		sessionRoute({
			method: 'POST',
			path: `${base}/logout`,
			requires: { session: 'any', childSession: 'accepted', xsrf: 'token', countsAsActivity: false },
			async handle(ctx, { session, identity }) {
				await sessions.logout(session, identity, authenticator.requestContextOf(ctx));
				await cookie.take(ctx);
				emptyBrowserCache(ctx);
				ctx.status = 204;
			},
		}),
		sessionRoute({
			method: 'POST',
			path: `${base}/changePassword`,
			requires: { session: 'any', lockedFor: ['password-change'], xsrf: 'token', countsAsActivity: true },
			body: passwordChangeRequest,
			async handle(ctx, { session, identity }, { currentPassword, newPassword }) {
				const request = authenticator.requestContextOf(ctx);
				const followed = parts.afterPasswordChange === 'renew' ? session : undefined;
				const changed = unwrap(
					await identities.changePassword(identity, currentPassword, newPassword, request, followed),
				);
				if (followed) {
					// A second factor that was shown in the old session need not be shown again.
					const { methods, level, leveledAt, boundTo } = session;
					const proved = { methods: [...new Set([...methods, 'pwd' as const])], level, leveledAt };
					await welcome(ctx, unwrap(await sessions.open(changed, request, { by: 'password', proved, boundTo })));
				} else {
					await cookie.take(ctx);
				}
				ctx.status = 204;
			},
		}),
		proofRoute({ ...parts, shownBy, welcome }),
	];

	/** Of every credential, not of a session alone. Rule: Kura, where any authentication provider will do. */
	const currentIdentity = openRoute({
		method: 'GET',
		path: `${base}/currentIdentity`,
		async handle(ctx) {
			reply(
				ctx,
				toCurrentIdentity(
					unwrap(await authenticator.checkAccess(ctx, { ...ownSession, childSession: 'accepted' })).identity,
				),
			);
		},
	});

	const authenticationInfo = openRoute({
		method: 'GET',
		path: `${base}/authenticationInfo`,
		handle(ctx) {
			const ports = auth.certificate ? certificatePorts() : undefined;
			const hasPasskeys = parts.passkeys.relyingPartyOf(originOf(ctx)) !== undefined;
			reply(ctx, {
				passwordAuthenticationEnabled: auth.password,
				certificateAuthenticationEnabled: ports !== undefined,
				passkeyAuthenticationEnabled: hasPasskeys,
				...(ports?.length && { certificateAuthenticationPorts: ports.toSorted((a, b) => a - b) }),
				apiTokensEnabled: auth.tokens,
				secondFactors: [...parts.factorKindsOffered, ...(hasPasskeys ? ['passkey'] : [])],
				...(banner.beforeLogin !== undefined && { message: banner.beforeLogin }),
			});
		},
	});

	const ofInvitations = invitationRoutes({ ...parts, welcome: welcomeAndTell });
	const ofFactors = [
		...factorRoutes({ ...parts, welcome, welcomeAndTell }),
		...passkeyRoutes({ ...parts, ...parts.passkeys, welcome: welcomeAndTell }),
	];

	return [
		authenticationInfo,
		...(auth.sessions ? [...ofSessions, ...ofFactors] : []),
		...(auth.sessions || auth.basic || auth.statelessCertificate || auth.tokens ? [currentIdentity] : []),
		...(auth.sessions && auth.password ? [passwordLogin, ...ofInvitations] : []),
		...(auth.sessions && auth.certificate ? [certificateLogin] : []),
	];
}
