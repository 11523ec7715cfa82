import type { NonceDigest } from '../core/ticket.ts';
import { hostNameOf } from '../http/request/host.ts';
import { originUrl, type ReturnAddresses, returnAddressOf } from './return-address.ts';

export interface PortalParts {
	/** Config: `portal.url`. Absent: our own page, on the host that was asked. */
	readonly url: string | undefined;
	/** Where our own page stands. Absent: there is none. */
	readonly consolePath: string | undefined;
	readonly returns: ReturnAddresses;
}

/** Where people sign in. */
export interface Portal {
	/** Its address, with the way back to what was asked for. `undefined`: there is no such page. `browser`: that is led there. */
	signInUrl(origin: string, target: string | undefined, browser?: NonceDigest): string | undefined;
	/** Whether its cookies do not reach this origin, so that a session is handed over. */
	isElsewhere(origin: string): boolean;
	/** The same for somebody who is signed in and wants to be somebody else: it asks before it ends the session. */
	switchUrl(origin: string, target: string | undefined): string | undefined;
}

export function createPortal({ url, consolePath, returns }: PortalParts): Portal {
	function pageFor(origin: string): URL | undefined {
		const base = url ?? (consolePath !== undefined && originUrl(origin) ? origin + consolePath : undefined);
		const page = base === undefined ? null : URL.parse(base);
		if (page === null) return undefined;
		if (!page.pathname.endsWith('/')) page.pathname += '/';
		return page;
	}

	function urlFor(origin: string, target: string | undefined, more: string): string | undefined {
		const page = pageFor(origin);
		const back = target === undefined ? undefined : returnAddressOf(origin, target, returns);
		if (page === undefined || back === undefined) return page?.href;
		return `${page.href}?return=${encodeURIComponent(back.href)}${more}`;
	}

	return {
		signInUrl: (origin, target, browser) => urlFor(origin, target, browser === undefined ? '' : `&enter=${browser}`),
		isElsewhere(origin) {
			const [page, asked] = [pageFor(origin), originUrl(origin)];
			return page !== undefined && asked !== undefined && hostNameOf(page.host) !== hostNameOf(asked.host);
		},
		switchUrl: (origin, target) => urlFor(origin, target, '&switch'),
	};
}
