import { createLead, type Lead } from '../gateway/lead.ts';

export type { Lead } from '../gateway/lead.ts';

/** Printable ASCII without what URL parsers fold or drop, and no second slash at the front: `//host` is another host. */
const ownPath = /^\/(?![/\\])[\x21-\x5b\x5d-\x7e]*$/;

/**
 * Leads people of an app around us to its sign-in page: a path of the app, or a URL. Throws TypeError where it is neither.
 * What is led there is told where to come back to: by the path, where the page is the app's own, else by the whole URL.
 */
export function createSignInLead(signIn: string): Lead {
	const isPath = ownPath.test(signIn);
	const page = isPath ? undefined : URL.parse(signIn);
	if (!isPath && !['http:', 'https:'].includes(page?.protocol ?? '')) {
		throw new TypeError(`${signIn}: is neither a path nor a URL to sign in at`);
	}
	const base = page?.href ?? signIn;
	const own = base.split('?')[0] ?? '';

	function signInUrl(origin: string, target: string | undefined): string | undefined {
		// The page itself is not to be led to itself.
		if (target === undefined || (isPath && target.split('?')[0] === own)) return undefined;
		// `//host` is another host to a page that goes there blindly.
		if (isPath && !ownPath.test(target)) return base;
		const back = isPath ? target : origin + target;
		return `${base}${base.includes('?') ? '&' : '?'}return=${encodeURIComponent(back)}`;
	}

	return createLead({ signInUrl, isElsewhere: () => false });
}
