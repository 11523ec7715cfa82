import type { Context } from 'koa';
import type { Identities } from '../../core/identities.ts';
import type { InvitationCode } from '../../core/invitation.ts';
import type { Invitations } from '../../core/invitations.ts';
import type { PasswordPolicy } from '../../core/password.ts';
import type { NewSession } from '../../core/sessions.ts';
import { answersIn, plainForm } from '../../http/response/default-answers.ts';
import { unwrap } from '../../http/response/refusals.ts';
import { reply } from '../../http/response/reply.ts';
import { openRoute, type Route, sessionRoute } from '../../http/route.ts';
import { administrationByProof, auditFieldsBy, namedIdentity } from './administration.ts';
import type { KuraAuthenticator } from './authenticator.ts';
import { invitationAcceptance, invitationQuestion, newInvitation } from './bodies.ts';
import { base } from './paths.ts';

export interface InvitationRouteParts {
	readonly identities: Pick<Identities, 'findByName'>;
	readonly invitations: Invitations;
	readonly authenticator: KuraAuthenticator;
	/** What a new password must be like. */
	policy(): Promise<PasswordPolicy>;
	/** The page where a code is accepted: by the configuration, never by the request. */
	linkOf(code: InvitationCode): { readonly url: string; readonly qr?: string };
	/** Answers as a login by password does. */
	welcome(ctx: Context, opened: NewSession): Promise<void>;
}

const hourMs = 3_600_000;

/** For an administrator, who has a factor and a password: it is somebody else who has not. */
const answers = answersIn(plainForm, {
	'no-factor': () => ({ words: 'There is no second factor that another one could take the place of' }),
	'password-missing': () => ({ status: 409, words: 'There is no password: invite to a first sign-in' }),
});

/** Ours: a code with which somebody sets a password that nobody else has known, or another second factor. */
export function invitationRoutes(parts: InvitationRouteParts): Route[] {
	const { identities, invitations, authenticator, policy, linkOf, welcome } = parts;
	const named = namedIdentity(identities);

	return [
		sessionRoute({
			requires: administrationByProof,
			method: 'POST',
			path: `${base}/identities/:name/invitation`,
			body: newInvitation,
			async handle(ctx, checked, { for: purpose, hours }) {
				const wanted = { purpose, expiresInMs: hours * hourMs };
				const fields = auditFieldsBy(ctx, checked);
				const made = unwrap(await invitations.make(await named(ctx), wanted, fields, checked.identity), answers);
				const expiresAt = new Date(made.invitation.expiresAt).toISOString();
				reply(ctx, { for: made.invitation.purpose, ...linkOf(made.code), expiresAt }, 201);
			},
		}),
		openRoute({
			method: 'POST',
			path: `${base}/invitation`,
			body: invitationQuestion,
			async handle(ctx, { code }) {
				const { invitation, identity } = unwrap(await invitations.look(code, authenticator.requestContextOf(ctx)));
				reply(ctx, { for: invitation.purpose, username: identity.name, passwordPolicy: await policy() });
			},
		}),
		openRoute({
			method: 'POST',
			path: `${base}/invitation/acceptance`,
			body: invitationAcceptance,
			async handle(ctx, { code, password }) {
				await welcome(ctx, unwrap(await invitations.accept(code, password, authenticator.requestContextOf(ctx))));
			},
		}),
	];
}
