import type { Context } from 'koa';
import type { IdentityName } from '../core/identity.ts';
import { requestIdOf } from '../http/request/context.ts';
import { type Navigation, navigationOf } from '../http/request/navigation.ts';
import { plainAnswers } from '../http/response/default-answers.ts';
import { type Html, html } from '../http/response/html.ts';
import { Page } from '../http/response/page.ts';
import type { Answer, Answers, No } from '../http/response/refusals.ts';
import type { Portal } from './portal.ts';

/** What is asked for. */
export interface Waiting {
	readonly asked: {
		readonly method: string | undefined;
		/** `https://app.example.org`. */
		readonly origin: string;
		/** Path and query. `undefined`: not known. */
		readonly target: string | undefined;
	};
}

/** How a refusal looks to a person: a page where a page is waited for. Programs get what they got before. */
export interface People {
	/**
	 * `answers`: what everybody else gets. A 401 is no page, but where the XSRF token alone is missing: who is not signed in
	 * is led (`lead.ts`), or asked for credentials.
	 */
	answers(ctx: Context, waiting: Waiting, answers?: Answers): Answers;
}

export function createPeople(portal: Pick<Portal, 'switchUrl'>): People {
	return {
		answers(ctx, { asked }, answers = plainAnswers) {
			return (no) => {
				const { status, headers } = plainAnswers(no);
				const isLed = status === 401 && no.kind !== 'xsrf-token-mismatch';
				const navigation = isLed ? 'none' : navigationOf(asked.method, ctx.req.headers);
				if (navigation === 'none') return answers(no);
				const identity = 'identity' in no ? no.identity : undefined;
				const switchUrl = identity && portal.switchUrl(asked.origin, asked.target);
				const reference = status >= 500 ? requestIdOf(ctx) : undefined;
				return {
					status,
					...(headers && { headers }),
					body: pageOf({ no, navigation, identity, switchUrl, reference }),
				};
			};
		},
	};
}

interface Told {
	readonly no: No;
	readonly navigation: Exclude<Navigation, 'none'>;
	readonly identity: IdentityName | undefined;
	readonly switchUrl: string | undefined;
	readonly reference: string | undefined;
}

function pageOf({ no, navigation, identity, switchUrl, reference }: Told): Answer['body'] {
	const isForm = navigation === 'form';
	const inFrame = navigation === 'frame';
	if (no.kind === 'permission-missing' || no.kind === 'credential-not-accepted') {
		const [needed, words] =
			no.kind === 'permission-missing'
				? [html`The permission <code>${no.permission}</code> is needed.`, 'Sign in as somebody else']
				: [html`Another way to sign in is needed: ${no.credentials.join(', ')}.`, 'Sign in another way'];
		return new Page({
			title: 'Not allowed',
			lines: [...(identity ? [html`Signed in as <strong>${identity}</strong>.`] : []), needed],
			link: switchUrl ? { url: switchUrl, words, newTab: inFrame } : undefined,
			inFrame,
		});
	}
	const { title, text, again } = wordsOf(no);
	// What a form sent may have arrived; to open its address by GET would not send it again.
	const lines =
		again && isForm
			? [text, html`It is not known whether what you sent has arrived. Go back, and look first.`]
			: [text];
	return new Page({
		title,
		lines,
		link: again && !isForm ? { url: '', words: 'Try again' } : undefined,
		reference,
		inFrame,
	});
}

function wordsOf(no: No): { readonly title: string; readonly text: Html; readonly again?: true } {
	switch (no.kind) {
		case 'not-found':
			return { title: 'Nothing here', text: html`There is no page at this address.` };
		case 'forwarded-request-unclear':
			return { title: 'Not open', text: html`No rule lets anybody open this address.` };
		case 'xsrf-token-mismatch':
			return {
				title: 'Not passed on',
				text: html`This address asks for an XSRF token, which a browser does not send with pages and forms by itself. Whoever runs this service can have its rule say <code>xsrf: unsafe</code>, for pages, or <code>xsrf: origin</code>, for forms, too.`,
			};
		case 'cross-site':
			return { title: 'Not from here', text: html`A page of another site asked for this, so it was not done.` };
		case 'ticket-refused':
			return {
				title: 'Not signed in here',
				text: html`The way here was used before, took too long, or began in another browser. Open the page anew that you want to see.`,
			};
		case 'bad-gateway':
			return { title: 'Not reachable', text: html`The application cannot be reached right now.`, again: true };
		case 'gateway-timeout':
			return { title: 'No answer', text: html`The application did not answer in time.`, again: true };
		case 'unavailable':
			return { title: 'One moment', text: html`The service is unavailable for a moment.`, again: true };
		case 'unexpected':
			return { title: 'Something went wrong', text: html`An unexpected error occurred.`, again: true };
		default: {
			const { body } = plainAnswers(no);
			const message = typeof body === 'object' && 'message' in body ? String(body.message) : '';
			return { title: 'Refused', text: html`${message}.` };
		}
	}
}
