import type { AssuranceLevel } from '../core/session.ts';
import type { NonceDigest } from '../core/ticket.ts';
import { hostNameOf } from '../http/request/host.ts';
import { parseWebOrigin, type ReturnAddresses, returnAddressOf, type WebOrigin } from './return-address.ts';

export interface PortalParts {
	/** Config: `portal.url`. Absent: our own page, on the host that was asked. */
	readonly url: string | undefined;
	/** Where our own page stands. Absent: there is none. */
	readonly consolePath: string | undefined;
	readonly returns: ReturnAddresses;
}

/** Where people sign in. */
export interface Portal {
	/** Its address, with the way back to what was asked for. `undefined`: there is no such page. `browser`: that is led there. `proof`: the level that is to be proved. */
	signInUrl(
		origin: string,
		target: string | undefined,
		browser?: NonceDigest,
		proof?: AssuranceLevel,
	): string | undefined;
	/** Whether its cookies do not reach this origin, so that a session is handed over. */
	isElsewhere(origin: string): boolean;
	/** The same for somebody who is signed in and wants to be somebody else: it asks before it ends the session. */
	switchUrl(origin: string, target: string | undefined): string | undefined;
}

/** Of those who asked at one origin. */
interface SignInPage {
	readonly origin: string;
	/** `undefined`: there is none. */
	readonly href: string | undefined;
	/** The origin, where somebody can be led back to it. */
	readonly backTo: WebOrigin | undefined;
	/** On another host. */
	readonly isElsewhere: boolean;
}

export function createPortal({ url, consolePath, returns }: PortalParts): Portal {
	/** Requests of one origin come one after the other: its page is looked for once. */
	let last: SignInPage = { origin: '', href: undefined, backTo: undefined, isElsewhere: false };

	function pageFor(origin: string): SignInPage {
		if (origin !== last.origin) last = findPage(origin);
		return last;
	}

	function findPage(origin: string): SignInPage {
		const backTo = parseWebOrigin(origin);
		const base = url ?? (consolePath !== undefined && backTo ? backTo + consolePath : undefined);
		const page = base === undefined ? null : URL.parse(base);
		if (page === null) return { origin, href: undefined, backTo: undefined, isElsewhere: false };
		if (!page.pathname.endsWith('/')) page.pathname += '/';
		const isElsewhere = backTo !== undefined && hostNameOf(page.host) !== hostNameOf(new URL(backTo).host);
		return { origin, href: page.href, backTo, isElsewhere };
	}

	function urlFor(origin: string, target: string | undefined, more: string): string | undefined {
		const { href, backTo } = pageFor(origin);
		if (href === undefined || backTo === undefined || target === undefined) return href;
		const back = returnAddressOf(backTo, target, returns);
		if (back === undefined) return href;
		return `${href}?return=${encodeURIComponent(back.href)}${more}`;
	}

	return {
		signInUrl(origin, target, browser, proof) {
			const enter = browser === undefined ? '' : `&enter=${browser}`;
			return urlFor(origin, target, enter + (proof === undefined ? '' : `&proof=${proof}`));
		},
		isElsewhere: (origin) => pageFor(origin).isElsewhere,
		switchUrl: (origin, target) => urlFor(origin, target, '&switch'),
	};
}
