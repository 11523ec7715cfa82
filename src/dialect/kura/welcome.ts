import type { Context } from 'koa';
import type { NewSession } from '../../core/sessions.ts';
import { reply } from '../../http/response/reply.ts';
import type { SessionCookie } from '../../http/session-cookie.ts';

export interface Welcome {
	/** Hands out the token of a session that was just opened, or raised. */
	welcome(ctx: Context, opened: NewSession): Promise<void>;
	/** The same, and says in the body what the session waits for, as a login does. */
	welcomeAndTell(ctx: Context, opened: NewSession, more?: Readonly<Record<string, unknown>>): Promise<void>;
}

/** `afterLogin`: `message` in the answer; of current Kura. */
export function createWelcome({
	cookie,
	afterLogin,
}: {
	readonly cookie: SessionCookie;
	readonly afterLogin?: string | undefined;
}): Welcome {
	async function welcome(ctx: Context, { token }: NewSession) {
		await cookie.give(ctx, token);
	}

	return {
		welcome,
		async welcomeAndTell(ctx, opened, more) {
			await welcome(ctx, opened);
			const { session } = opened;
			const needs = session.state === 'locked' ? session.needs : undefined;
			reply(ctx, {
				passwordChangeNeeded: needs === 'password-change',
				// Absent where it is not: what Kura's clients have always been answered stays as it was.
				...(needs === 'second-factor' && { secondFactorNeeded: true }),
				...(needs === 'enrolment' && { enrolmentNeeded: true }),
				...(afterLogin !== undefined && { message: afterLogin }),
				...more,
			});
		},
	};
}
