import type { Context } from 'koa';
import { byFactor, type Factor } from '../../core/factor.ts';
import type { RelyingParty } from '../../core/passkey.ts';
import type { ShownPasskey } from '../../core/passkey-assertions.ts';
import type { Passkeys } from '../../core/passkeys.ts';
import type { AuthenticatedSession, NewSession, Sessions } from '../../core/sessions.ts';
import { givePasskeyNonce, passkeyNoncesOf } from '../../http/passkey-cookie.ts';
import { parse } from '../../http/request/body.ts';
import { originOf } from '../../http/request/context.ts';
import { answersIn, plainForm } from '../../http/response/default-answers.ts';
import { throwRefusal, unwrap } from '../../http/response/refusals.ts';
import { reply } from '../../http/response/reply.ts';
import { openRoute, type Route, sessionRoute } from '../../http/route.ts';
import type { SessionCookie } from '../../http/session-cookie.ts';
import { freshProof } from './administration.ts';
import type { KuraAuthenticator } from './authenticator.ts';
import { passkeyLogin, passkeyRegistration } from './passkey-bodies.ts';
import { base } from './paths.ts';

export interface PasskeyRouteParts {
	readonly passkeys: Passkeys;
	readonly factor: Factor<ShownPasskey>;
	readonly sessions: Pick<Sessions, 'prove' | 'judgeSession'>;
	readonly authenticator: KuraAuthenticator;
	readonly cookie: SessionCookie;
	/** `undefined`: there are no passkeys for a page at that origin. */
	relyingPartyOf(origin: string): RelyingParty | undefined;
	/** Hands out the cookie, and answers as every login does. */
	welcome(ctx: Context, opened: NewSession): Promise<void>;
}

/** In place of a user name and a password. */
const answers = answersIn(plainForm, { 'bad-credentials': () => ({ words: 'The passkey is not accepted' }) });

/** With a session that waits for a factor, or is open; of one that waits for something else, the refusal says so. */
const waiting = { session: 'any', lockedFor: ['second-factor'], xsrf: 'token', countsAsActivity: true } as const;
const enrolling = { session: 'any', lockedFor: ['enrolment'], xsrf: 'token', countsAsActivity: true } as const;

/**
 * Ours: passkeys, alone and as a second factor. A request that brings an XSRF token is made with its session; without one it is
 * that of a browser that is not signed in, whatever cookies it shows.
 */
export function passkeyRoutes(parts: PasskeyRouteParts): Route[] {
	const { passkeys, factor, sessions, authenticator, cookie, welcome } = parts;
	const partyOf = (ctx: Context) => parts.relyingPartyOf(originOf(ctx)) ?? throwRefusal({ kind: 'not-found' });

	async function sessionOf(ctx: Context): Promise<AuthenticatedSession | undefined> {
		const isWithSession = authenticator.requestContextOf(ctx).xsrfToken !== undefined;
		return isWithSession ? unwrap(await authenticator.check(ctx, waiting)) : undefined;
	}

	/** Who changes what they sign in with has just proved all that they can. Source: OWASP ASVS 5.0, 7.5.1. */
	async function requireFreshProof(ctx: Context, checked: AuthenticatedSession) {
		const requirements = { ...enrolling, ...freshProof };
		unwrap(await sessions.judgeSession(checked, requirements, authenticator.requestContextOf(ctx)));
	}

	return [
		openRoute({
			method: 'POST',
			path: `${base}/passkey/challenge`,
			async handle(ctx) {
				const checked = await sessionOf(ctx);
				const party = partyOf(ctx);
				const publicKey = checked
					? await passkeys.challengeSession(party, checked)
					: await passkeys.challengeBrowser(party, givePasskeyNonce(ctx));
				reply(ctx, { publicKey });
			},
		}),
		openRoute({
			method: 'POST',
			path: `${base}/login/passkey`,
			body: passkeyLogin,
			// A session that waits for something else says so first.
			readBody: 'in-handler',
			async handle(ctx) {
				const request = authenticator.requestContextOf(ctx);
				const checked = await sessionOf(ctx);
				const { credential } = await parse(ctx, passkeyLogin, 'json');
				const shown = { credential, relyingParty: partyOf(ctx) };
				// Who has an open session and signs in anew shows a passkey alone.
				const proved =
					checked?.session.state === 'locked'
						? sessions.prove(checked, byFactor(factor, shown), request)
						: passkeys.login(shown, passkeyNoncesOf(ctx), request);
				const opened = unwrap(await proved, answers);
				await welcome(ctx, opened);
			},
		}),
		sessionRoute({
			method: 'POST',
			path: `${base}/authenticators/passkey/challenge`,
			requires: enrolling,
			async handle(ctx, checked) {
				const party = partyOf(ctx);
				await requireFreshProof(ctx, checked);
				reply(ctx, { publicKey: await passkeys.challengeRegistration(party, checked) });
			},
		}),
		sessionRoute({
			method: 'POST',
			path: `${base}/authenticators/passkey`,
			requires: enrolling,
			body: passkeyRegistration,
			async handle(ctx, checked, { name, credential }) {
				const shown = { name, credential, relyingParty: partyOf(ctx) };
				await requireFreshProof(ctx, checked);
				const request = authenticator.requestContextOf(ctx);
				const { id, token } = unwrap(await passkeys.register(checked, shown, request));
				await cookie.give(ctx, token);
				reply(ctx, { id }, 201);
			},
		}),
	];
}
