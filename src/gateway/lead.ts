import type { Context } from 'koa';
import type { Refusal } from '../core/refusal.ts';
import type { AssuranceLevel } from '../core/session.ts';
import { giveNonce } from '../http/enter-cookie.ts';
import { type Navigation, navigationOf } from '../http/request/navigation.ts';
import { plainAnswers } from '../http/response/default-answers.ts';
import { html } from '../http/response/html.ts';
import { type Language, languageFor } from '../http/response/languages.ts';
import type { Look } from '../http/response/look.ts';
import { Page, type PageParts } from '../http/response/page.ts';
import { addHeader, reply } from '../http/response/reply.ts';
import { pageWords } from './page-words/page-words.ts';
import type { Portal } from './portal.ts';

/** What was asked for, by the request itself or by the one that a proxy asks about. */
export interface Asked {
	readonly method: string | undefined;
	/** `https://app.example.org`. */
	readonly origin: string;
	/** Path and query. `undefined`: not known. */
	readonly target: string | undefined;
	/** Config: `resources[].unauthenticated`. */
	readonly unauthenticated?: 'auto' | 'redirect' | '401' | undefined;
}

export interface Lead {
	/**
	 * Answers with the way to the sign-in page where a person waits to see a page, and says whether it has. In a frame, where
	 * nobody can sign in, with a page that opens in a new tab.
	 */
	redirect(ctx: Context, refusal: Refusal, asked: Asked): boolean;
	/**
	 * Says in headers of whatever is answered where the sign-in page is: for scripts, and for proxies that cannot pass a
	 * redirect on. These learn, too, whether a person waits.
	 */
	tell(ctx: Context, refusal: Refusal, asked: Asked): void;
}

/** Leads people to the sign-in page, and nobody else. `look`: of the page in a frame; absent: our own. */
export function createLead(portal: Pick<Portal, 'signInUrl' | 'isElsewhere'>, look?: Look): Lead {
	function wayFor(ctx: Context, refusal: Refusal, { method, origin, target, unauthenticated = 'auto' }: Asked) {
		if (unauthenticated === '401' || !helpsToSignIn(refusal)) return undefined;
		const navigation = navigationOf(method, ctx.req.headers);
		const status = statusFor(ctx, navigation, method, unauthenticated);
		// Only where a person goes there now: a script that is told the way comes by here once more.
		const browser = status !== undefined && portal.isElsewhere(origin) ? giveNonce(ctx) : undefined;
		const login = portal.signInUrl(origin, target, browser, proofLevel(refusal));
		return login === undefined ? undefined : { login, status, isFrame: navigation === 'frame' };
	}

	return {
		redirect(ctx, refusal, asked) {
			const way = wayFor(ctx, refusal, asked);
			if (way === undefined || (way.status === undefined && !way.isFrame)) return false;
			// Nobody is to be asked for Basic credentials on the way.
			ctx.remove('WWW-Authenticate');
			if (way.isFrame) {
				const page = new Page(signInElsewhere(languageFor(ctx)), look);
				reply(ctx, page, 401, { 'Latchkey-Login': way.login, Vary: `${variesBy}, Accept-Language` });
			} else reply(ctx, plainAnswers(refusal).body, way.status, { Location: way.login, Vary: variesBy });
			return true;
		},
		tell(ctx, refusal, asked) {
			const way = wayFor(ctx, refusal, asked);
			if (way === undefined) return;
			addHeader(ctx, 'Latchkey-Login', way.login);
			if (way.status !== undefined) addHeader(ctx, 'Latchkey-Login-Status', String(way.status));
		},
	};
}

/** What decides who is led. */
const variesBy = 'Cookie, Accept, Sec-Fetch-Mode';

/** In a frame nobody can sign in: the sign-in page lets nobody frame it. */
function signInElsewhere(language: Language): PageParts {
	const { signInToSee, openInNewTab } = pageWords[language];
	const [title, text] = signInToSee;
	const link = { url: '', words: openInNewTab, newTab: true };
	return { language, title, lines: [html`${text}`], link, inFrame: true };
}

/** Where only the XSRF token is missing, somebody is signed in already; and an API token is no person's. */
function helpsToSignIn(refusal: Refusal): boolean {
	if (refusal.kind === 'xsrf-token-mismatch' || refusal.kind.startsWith('token-')) return false;
	return plainAnswers(refusal).status === 401 || proofLevel(refusal) !== undefined;
}

/** Where a session is to be raised: what comes along with a request cannot be. */
function proofLevel(refusal: Refusal): AssuranceLevel | undefined {
	return refusal.kind === 'proof-needed' && refusal.methods !== undefined ? refusal.level : undefined;
}

/** 303: to be asked for by GET, whatever was sent. `undefined`: no person waits. */
function statusFor(
	{ req }: Context,
	navigation: Navigation,
	method: string | undefined,
	how: 'auto' | 'redirect',
): 302 | 303 | undefined {
	if (navigation === 'form') return 303;
	const isRead = method === 'GET' || method === 'HEAD';
	const isForced = how === 'redirect' && isRead && req.headers.upgrade === undefined;
	return navigation === 'page' || isForced ? 302 : undefined;
}
