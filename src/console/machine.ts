import { type Awaited, findSession, SessionOver } from './api.ts';
import { type Problem, problemOf } from './problem.ts';
import {
	type AuthenticationInfo,
	authenticationInfo,
	type CurrentIdentity,
	currentIdentity,
	setup,
} from './session-v1.ts';

/*
 * Which screen is shown, and what leads from one to the next. Nothing here draws, and nothing else decides.
 */

/** Who is signed in. */
export interface Me extends CurrentIdentity {
	readonly hasPassword: boolean;
}

/** Why somebody is asked to sign in. */
export type Notice = 'signed-out' | 'password-changed' | 'set-up';

export type Screen =
	| { readonly at: 'starting' }
	/** The service cannot be asked. */
	| { readonly at: 'unavailable'; readonly problem: Problem }
	/** There is no identity yet. */
	| { readonly at: 'setup' }
	| { readonly at: 'sign-in'; readonly notice?: Notice; readonly name?: string }
	/** The password was right, and a second factor is asked for. */
	| { readonly at: 'second-factor' }
	/** Signed in, and nothing else may be done before a second factor is set up. */
	| { readonly at: 'enrolment' }
	/** The same for another password. `over`: the session has ended meanwhile; what was typed stays. */
	| { readonly at: 'forced-change'; readonly over: boolean }
	| {
			readonly at: 'inside';
			readonly identity: Me;
			/** The session has ended; or the person has signed in again, and is asked for a second factor. */
			readonly over: boolean | 'second-factor';
			/** Has just signed in, and is to read this first. */
			readonly greeting?: string;
	  };

export type Happening =
	| { readonly kind: 'nobody-can-sign-in-yet' }
	| { readonly kind: 'nobody-is-signed-in' }
	| { readonly kind: 'waits'; readonly for: Awaited }
	| { readonly kind: 'is-signed-in'; readonly identity: Me; readonly message?: string | undefined }
	/** The greeting was read. */
	| { readonly kind: 'greeted' }
	| { readonly kind: 'trouble'; readonly problem: Problem }
	/** Of the page's own doing, so that nothing typed is worth keeping. */
	| { readonly kind: 'left'; readonly notice?: Notice; readonly name?: string };

export function next(screen: Screen, happening: Happening): Screen {
	switch (happening.kind) {
		case 'nobody-can-sign-in-yet':
			return { at: 'setup' };
		case 'nobody-is-signed-in':
			if (screen.at === 'inside' || screen.at === 'forced-change') return { ...screen, over: true };
			return screen.at === 'sign-in' ? screen : { at: 'sign-in' };
		case 'waits':
			if (happening.for === 'password-change') return { at: 'forced-change', over: false };
			if (happening.for === 'second-factor' && screen.at === 'inside' && screen.over) {
				return { ...screen, over: 'second-factor' };
			}
			return { at: happening.for };
		case 'is-signed-in':
			return { at: 'inside', identity: happening.identity, over: false, ...greetingAfter(screen, happening.message) };
		case 'greeted':
			return screen.at === 'inside' ? { at: 'inside', identity: screen.identity, over: screen.over } : screen;
		case 'trouble':
			// Where something is on the screen already, the part that asked says what went wrong.
			return screen.at === 'starting' || screen.at === 'unavailable'
				? { at: 'unavailable', problem: happening.problem }
				: screen;
		case 'left': {
			const { notice, name } = happening;
			return { at: 'sign-in', ...(notice && { notice }), ...(name !== undefined && { name }) };
		}
	}
}

/** Who opens the page with a living session has read it; who is asked to sign in anew is in the middle of something. */
function greetingAfter(screen: Screen, message: string | undefined): { greeting?: string } {
	const greeting = screen.at === 'inside' ? screen.greeting : message;
	const isNew = screen.at !== 'starting' && screen.at !== 'unavailable' && screen.at !== 'setup';
	return isNew && greeting !== undefined ? { greeting } : {};
}

/** Asks the service where we stand, and what it offers. */
export async function whereWeStand(): Promise<{ happening: Happening; offer?: AuthenticationInfo }> {
	try {
		const [offer, { needed, sessionPresented }] = await Promise.all([authenticationInfo(), setup()]);
		if (needed) return { offer, happening: { kind: 'nobody-can-sign-in-yet' } };
		const session = sessionPresented === false ? undefined : await findSession();
		if (session === undefined) return { offer, happening: { kind: 'nobody-is-signed-in' } };
		if (typeof session === 'string') return { offer, happening: { kind: 'waits', for: session } };
		const { message, hasPassword } = session;
		const identity = { ...(await currentIdentity()), hasPassword };
		return { offer, happening: { kind: 'is-signed-in', identity, message } };
	} catch (fault) {
		// It ended between two questions.
		if (fault instanceof SessionOver) return { happening: { kind: 'nobody-is-signed-in' } };
		const problem = problemOf(fault, {
			'not-found': ({ problems }) => problems.noSessions,
		});
		return { happening: { kind: 'trouble', problem } };
	}
}
