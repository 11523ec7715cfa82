import type { Context } from 'koa';
import type { AuthenticatedSession, Sessions } from '../core/sessions.ts';
import { clientOf, hostOf, originOf } from '../http/request/context.ts';
import type { HostPattern } from './host.ts';
import type { CanonicalPath } from './path.ts';
import { originUrl } from './return-address.ts';
import { judgedMethod, needsXsrfToken, type Rule, type RuleOf, requirementsOf } from './rules.ts';

/** Something that a person can open in a browser. */
export interface Application {
	readonly title: string;
	readonly url: string;
	/** A path on our own host. */
	readonly icon?: string;
}

/** Where an entry of `resources` would be opened: at its first host that is named in full, and its first path. */
export interface Place {
	/** The index of the entry. */
	readonly entry: number;
	/** Absent: every host. */
	readonly hosts?: readonly HostPattern[] | undefined;
	readonly path: CanonicalPath;
	/** Config: `resources[].title`. */
	readonly title?: string | undefined;
	/** The name that its picture is served by. */
	readonly icon?: string | undefined;
}

export interface ApplicationsParts {
	readonly sessions: Pick<Sessions, 'firstUnmet'>;
	readonly ruleOf: RuleOf;
	/** In the order of the entries. */
	places(): readonly Place[];
	/** Where icons are served. Absent: they are not. */
	readonly iconPath: string | undefined;
	/** Whether a page of ours stands there, and no application. */
	isOwnPage(host: string, path: string): boolean;
}

interface Found extends Application {
	readonly isNamed: boolean;
}

/** What somebody may open, in the order of the rules; each judged as a request for it would be, by GET and from where the client is. */
export function createApplications({ sessions, ruleOf, places, iconPath, isOwnPage }: ApplicationsParts) {
	function mayOpen(rule: Rule, { title }: Place, checked: AuthenticatedSession): boolean {
		if (rule.access === 'denied') return false;
		// What is open to everybody is worth a line where somebody has given it a name.
		if (rule.access === 'public') return title !== undefined;
		// A person sends no XSRF token.
		if (needsXsrfToken(rule, judgedMethod(rule, 'GET')) || rule.unauthenticated === '401') return false;
		const refusal = sessions.firstUnmet(checked, requirementsOf(rule));
		return refusal === undefined || refusal.kind === 'proof-needed';
	}

	function find(ctx: Context, place: Place, checked: AuthenticatedSession): Found | undefined {
		const { path, title, icon } = place;
		const origin = originAt(ctx, place);
		if (origin === undefined || isOwnPage(origin.host, path)) return undefined;
		const { address } = clientOf(ctx);
		const rule = ruleOf({ host: origin.host, path, method: 'GET', websocket: false, address });
		if (typeof rule !== 'object' || rule.entry !== place.entry || !mayOpen(rule, place, checked)) return undefined;
		return {
			title: title ?? nameOf(origin, path, hostOf(ctx)),
			url: origin.origin + path,
			...(icon !== undefined && iconPath !== undefined && { icon: `${iconPath}/${icon}` }),
			isNamed: title !== undefined,
		};
	}

	return (ctx: Context, checked: AuthenticatedSession): Application[] => {
		const all = places().flatMap((place) => find(ctx, place, checked) ?? []);
		// A part of another application is one of its own only where it has a title.
		const isPart = ({ url, isNamed }: Found) =>
			!isNamed && all.some((other) => other.url !== url && url.startsWith(other.url.replace(/\/?$/, '/')));
		return all.filter((one) => !isPart(one)).map(({ isNamed, ...application }) => application);
	};
}

/** The host that is asked, where it holds for that; else the first that is named in full. */
function originAt(ctx: Context, { hosts }: Place): URL | undefined {
	if (hosts === undefined || hosts.includes('*')) {
		return hostOf(ctx) === undefined ? undefined : originUrl(originOf(ctx));
	}
	const [named] = hosts.flatMap((host) => (typeof host === 'object' && 'host' in host ? host.host : []));
	if (named === undefined) return undefined;
	return URL.parse(`${clientOf(ctx).secure ? 'https' : 'http'}://${named}`) ?? undefined;
}

function nameOf({ host }: URL, path: CanonicalPath, asked: string | undefined): string {
	if (host === asked) return decodeURI(path);
	return path === '/' ? host : host + decodeURI(path);
}
