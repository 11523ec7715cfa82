import type { Context } from 'koa';
import type { IdentityName } from '../core/identity.ts';
import type { CredentialKind } from '../core/session.ts';
import { requestIdOf } from '../http/request/context.ts';
import { type Navigation, navigationOf } from '../http/request/navigation.ts';
import { plainAnswers } from '../http/response/default-answers.ts';
import { type Html, html } from '../http/response/html.ts';
import { type Language, languageFor } from '../http/response/languages.ts';
import type { Look } from '../http/response/look.ts';
import { Page, type PageParts } from '../http/response/page.ts';
import type { Answers, No } from '../http/response/refusals.ts';
import { pageWords } from './page-words/page-words.ts';
import type { PageWords } from './page-words/words.ts';
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

/** `look`: of the pages; absent: our own. */
export function createPeople(portal: Pick<Portal, 'switchUrl'>, look?: Look): People {
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
					headers: { ...headers, Vary: 'Accept-Language' },
					body: new Page(
						partsOf({
							language: languageFor(ctx),
							no,
							navigation,
							identity,
							switchUrl,
							reference,
						}),
						look,
					),
				};
			};
		},
	};
}

interface Told {
	readonly language: Language;
	readonly no: No;
	readonly navigation: Exclude<Navigation, 'none'>;
	readonly identity: IdentityName | undefined;
	readonly switchUrl: string | undefined;
	readonly reference: string | undefined;
}

function partsOf({ language, no, navigation, identity, switchUrl, reference }: Told): PageParts {
	const words = pageWords[language];
	const isForm = navigation === 'form';
	const inFrame = navigation === 'frame';
	if (no.kind === 'permission-missing' || no.kind === 'credential-not-accepted') {
		const [needed, way] =
			no.kind === 'permission-missing'
				? [words.permissionNeeded(html`<code>${no.permission}</code>`), words.signInAsSomebodyElse]
				: [words.otherWayNeeded(namesOf(words, no.credentials)), words.signInAnotherWay];
		return {
			language,
			title: words.notAllowed,
			lines: [...(identity ? [words.signedInAs(html`<strong>${identity}</strong>`)] : []), needed],
			link: switchUrl ? { url: switchUrl, words: way, newTab: inFrame } : undefined,
			inFrame,
		};
	}
	const { title, text, again } = wordsOf(words, no);
	// What a form sent may have arrived; to open its address by GET would not send it again.
	const lines = again && isForm ? [text, html`${words.mayHaveArrived}`] : [text];
	return {
		language,
		title,
		lines,
		link: again && !isForm ? { url: '', words: words.tryAgain } : undefined,
		reference: reference && words.reference(reference),
		inFrame,
	};
}

function namesOf({ credentials }: PageWords, kinds: readonly CredentialKind[]): string {
	return kinds.map((kind) => credentials[kind]).join(', ');
}

interface Said {
	readonly title: string;
	readonly text: Html;
	readonly again?: true;
}

function wordsOf(words: PageWords, no: No): Said {
	const says = ([title, text]: PageWords['notFound']): Said => ({ title, text: html`${text}` });
	switch (no.kind) {
		case 'not-found':
			return says(words.notFound);
		case 'forwarded-request-unclear':
			return says(words.notOpen);
		case 'xsrf-token-mismatch':
			return {
				title: words.xsrfNeededTitle,
				text: words.xsrfNeeded(html`<code>xsrf: unsafe</code>`, html`<code>xsrf: origin</code>`),
			};
		case 'cross-site':
			return says(words.crossSite);
		case 'ticket-refused':
			return says(words.ticketRefused);
		case 'bad-gateway':
			return { ...says(words.badGateway), again: true };
		case 'gateway-timeout':
			return { ...says(words.gatewayTimeout), again: true };
		case 'unavailable':
			return { ...says(words.unavailable), again: true };
		case 'unexpected':
			return { ...says(words.unexpected), again: true };
		default: {
			const { body } = plainAnswers(no);
			const message = typeof body === 'object' && 'message' in body ? String(body.message) : '';
			return { title: words.refused, text: html`<span lang="en">${message}.</span>` };
		}
	}
}
