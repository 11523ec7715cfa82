import { onward } from './session-v1.ts';

/*
 * Somebody wanted to see a page, was led here to sign in, and is led back: `?return=` says where to. What stands in an
 * address anybody can have written, so the service says whether it is one of ours, and how it is spelt.
 */

export interface Goal {
	readonly url: string;
	/** Tells the browser that another host has led here: the session can be handed over to that host. */
	readonly enter: string | undefined;
	/** What stood behind the `#` there: browsers keep it on the way here, and no server sees it. */
	readonly fragment: string;
	/** The person is signed in, may not see it, and wants to be somebody else. */
	readonly switches: boolean;
}

/** The fragments that are of this page itself. */
const own = /^#(certificate$|setup=)/;

export function readGoal(): Goal | undefined {
	const query = new URLSearchParams(location.search);
	const url = query.get('return');
	if (!url) return undefined;
	const fragment = url.includes('#') || own.test(location.hash) ? '' : location.hash;
	return { url, enter: query.get('enter') ?? undefined, fragment, switches: query.has('switch') };
}

/** A person who signs in is led on: a reload asks nobody again to be somebody else. */
export function afterSwitch(goal: Goal): Goal {
	if (!goal.switches) return goal;
	const query = new URLSearchParams({ return: goal.url, ...(goal.enter && { enter: goal.enter }) });
	history.replaceState(null, '', `${location.pathname}?${query}${location.hash}`);
	return { ...goal, switches: false };
}

/** Takes it out of the address, for who wants to stay. */
export function forgetGoal(): void {
	history.replaceState(null, '', location.pathname);
}

const lastOnward = 'latchkey-onward';
/** Milliseconds within which nobody comes back by themselves. */
const tooSoonMs = 5000;

/** Leads on. `false`: it came right back from there, so that the session does not reach it. Rejects where it may not. */
export async function goOn({ url, enter, fragment }: Goal): Promise<boolean> {
	const answered = await onward(url, enter);
	// No two tickets are alike: who comes back from one comes back to the same address.
	const way = enter === undefined ? answered.url : `ticket:${url}`;
	const [before, at] = (sessionStorage.getItem(lastOnward) ?? '').split(' ');
	const isBack = before === way && Date.now() - Number(at) < tooSoonMs;
	if (isBack) sessionStorage.removeItem(lastOnward);
	else {
		sessionStorage.setItem(lastOnward, `${way} ${Date.now()}`);
		location.replace(answered.url + fragment);
	}
	return !isBack;
}

/** The host of an address, to be shown. */
export function hostOf(url: string): string {
	return URL.canParse(url) ? new URL(url).host : url;
}
