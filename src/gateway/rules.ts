import { holdsForAddress, type Network, numberOf } from '../core/networks.ts';
import type { RequiredPermissions, Requirements } from '../core/requirements.ts';
import type { AssuranceLevel, CredentialKind } from '../core/session.ts';
import { type CanonicalHost, canonicalHost, type HostPattern, HostTable, holdsForHost } from './host.ts';
import type { CanonicalPath } from './path.ts';
import { createPathMatcher, type PathPattern } from './path-pattern.ts';
import { type PathMatcher, readingsOf } from './path-readings.ts';
import type { UpstreamCredentials, UpstreamTls } from './upstream-credentials.ts';

/** What is protected, and which permission opens it. Each part that is absent leaves the rule open for all. */
export interface Rule extends PathPattern {
	readonly hosts?: readonly HostPattern[];
	/** In capitals, `HEAD` among them where `GET` is. */
	readonly methods?: ReadonlySet<string>;
	/** `true`: only what becomes a WebSocket; `false`: only what does not. */
	readonly websocket?: boolean;
	/** Where the client is. */
	readonly from?: readonly Network[];
	/** `public`: nobody is asked. `denied`: nobody passes, administrators neither. Else who may pass, with what it takes. */
	readonly access: 'public' | 'denied' | RequiredPermissions;
	/** The kinds of credentials that may have opened the session, or come along. Absent: every kind. Config: `resources[].credentials`. */
	readonly acceptedCredentials?: readonly CredentialKind[];
	/** Config: `resources[].assuranceLevel`. Absent: 1. */
	readonly assuranceLevel?: AssuranceLevel;
	/** Milliseconds. Config: `resources[].maxAge`. */
	readonly provedWithinMs?: number;
	/** The server it stands on. Absent: others pass requests on, and only ask us. */
	readonly upstream?: URL;
	/** The `Host` that it is told. Config: `resources[].host`. */
	readonly host?: string;
	/** How we show ourselves to it. Config: `upstreamCredentials`. */
	readonly credentials?: UpstreamCredentials;
	/** For an https upstream. */
	readonly tls?: () => UpstreamTls;
	/** Takes parameters out of a query, `?` and all. Config: `resources[].stripQuery`. */
	readonly stripQuery?: (query: string) => string;
	readonly xsrf: Xsrf;
	/** Of requests here, where the method does not say it: `true`: each changes something; `false`: a POST changes nothing. */
	readonly changes?: boolean;
	/** Who is led to the sign-in page. Config: `resources[].unauthenticated`. Absent: `auto`. */
	readonly unauthenticated?: 'auto' | 'redirect' | '401';
	/** The index of the entry in `resources` that it comes from. One entry can make several rules. */
	readonly entry?: number;
}

/**
 * Which requests made with a session need its XSRF token: all, those that change something, or none: `origin`: then those
 * that change something, and WebSockets, must come from a page of the host that they ask. Config: `resources[].xsrf`.
 */
export type Xsrf = 'always' | 'unsafe' | 'origin';

/** Of a request, all that rules look at. */
export interface RuledRequest {
	/** As it was asked for; `undefined` where that is not known for sure. */
	readonly host: string | undefined;
	readonly path: CanonicalPath;
	readonly method: string;
	/** `unclear`: a proxy asks, and does not say, or has a handshake by another method than GET. */
	readonly websocket: boolean | 'unclear';
	/** The client's address. */
	readonly address: string;
}

/**
 * The rule of a request: the first one that holds for it. `undefined`: none does. `ambiguous`: another system could read
 * the path in a way that another rule holds for. `unclear`: it cannot be said which host, or which address. Nobody may pass
 * where it is one of these either.
 */
export type RuleOf = (request: RuledRequest) => Rule | 'ambiguous' | 'unclear' | undefined;

/** Why no rule can be named. `rule`: the one that some system could read the path for. */
export type Doubt =
	| { readonly doubt: 'path'; readonly rule: Rule }
	| { readonly doubt: 'host' | 'address' | 'websocket' };

/** The same as `RuleOf`, and why where there is a doubt. */
export type FindRule = (request: RuledRequest) => Rule | Doubt | undefined;

interface Entry {
	readonly rule: Rule;
	readonly path: PathMatcher;
	readonly inDoubt: Doubt;
}

const hostInDoubt: Doubt = { doubt: 'host' };
const addressInDoubt: Doubt = { doubt: 'address' };
const webSocketInDoubt: Doubt = { doubt: 'websocket' };

export function isDoubt(found: Rule | Doubt | undefined): found is Doubt {
	return found !== undefined && 'doubt' in found;
}

export function createRules(rules: readonly Rule[]): RuleOf {
	return ruleOfBy(createFindRule(rules));
}

export function ruleOfBy(find: FindRule): RuleOf {
	return (request) => {
		const found = find(request);
		if (!isDoubt(found)) return found;
		return found.doubt === 'path' ? 'ambiguous' : 'unclear';
	};
}

/** Finds the rule of a request. By host first: many hosts cost no more than one. */
export function createFindRule(rules: readonly Rule[]): FindRule {
	const entries = rules.map(
		(rule): Entry => ({ rule, path: createPathMatcher(rule), inDoubt: { doubt: 'path', rule } }),
	);
	const patterns = rules.flatMap(({ hosts }) => hosts ?? []);
	const table = new HostTable(patterns, (host) => entries.filter(({ rule }) => holdsForHost(rule.hosts, host)));
	const looksAtHosts = patterns.some((each) => each !== '*');
	const anyHost = '' as CanonicalHost;

	return (request) => {
		const host = looksAtHosts ? canonicalHost(request.host ?? '') : anyHost;
		if (host === undefined) return hostInDoubt;
		const readings = readingsOf(request.path);
		const { loose } = readings;

		function judgeBy(candidates: readonly Entry[], method: string, websocket: boolean): ReturnType<FindRule> {
			for (const { rule, path, inDoubt } of candidates) {
				const isThere = path.holdsFor(readings);
				const couldBe = isThere || (loose !== undefined && path.couldHoldFor({ ...readings, loose }));
				if (!couldBe || !holdsForKind(rule, method, websocket)) continue;
				if (rule.from !== undefined) {
					const address = numberOf(request.address);
					if (address === undefined) return addressInDoubt;
					if (!holdsForAddress(rule.from, address)) continue;
				}
				return isThere && path.isSureOf(readings) ? rule : inDoubt;
			}
			return undefined;
		}

		const [candidates, onOtherPorts] = [table.get(host), table.onOtherPorts(host)];
		/** Proxies and applications choose by the name of a host, and not all look at its port. */
		function judge(method: string, websocket: boolean): ReturnType<FindRule> {
			const found = judgeBy(candidates, method, websocket);
			const isSame = onOtherPorts.every((others) => judgeBy(others, method, websocket) === found);
			return found === undefined || isSame ? found : hostInDoubt;
		}

		const { method, websocket } = request;
		// A WebSocket is opened by GET, and by nothing else. Rule: RFC 6455, 4.1.
		if (websocket !== 'unclear') return judge(method, method === 'GET' && websocket);
		// Not every server looks at the method, nor at what it is called then.
		const plain = judge(method, false);
		const isSame = [...new Set([method, 'GET'])].every((each) => judge(each, true) === plain);
		return isSame ? plain : webSocketInDoubt;
	};
}

/** The hosts that rules name, other than by `*`: `example.org`, `*.example.org`, `example.org:8443`. We stand in front of them. */
export function namedHosts(rules: readonly Rule[]): string[] {
	const patterns = rules.flatMap(({ hosts }) => hosts ?? []);
	const texts = patterns.flatMap((each) => (each === '*' ? [] : 'host' in each ? each.host : `*.${each.below}`));
	return [...new Set(texts)];
}

export function holdsForKind({ methods, websocket }: Rule, method: string, isWebSocket: boolean): boolean {
	return (websocket === undefined || websocket === isWebSocket) && (methods === undefined || methods.has(method));
}

/** The part of a rule that says who may pass. */
export type Protection = Pick<Rule, 'access' | 'acceptedCredentials' | 'assuranceLevel' | 'provedWithinMs' | 'xsrf'>;

/** All that it requires; of who asks alone where nothing is said of the request. */
export function requirementsOf(
	{ access, acceptedCredentials, assuranceLevel, provedWithinMs }: Protection,
	xsrf: Requirements['xsrf'] = 'exempt',
	countsAsActivity = false,
): Requirements {
	return {
		session: 'open',
		childSession: 'accepted',
		xsrf,
		countsAsActivity,
		permissions: typeof access === 'object' ? access : undefined,
		credentials: acceptedCredentials,
		assuranceLevel,
		provedWithinMs,
	};
}

/** Whether a request made with a session needs its XSRF token. */
export function needsXsrfToken(rule: Pick<Rule, 'xsrf'>, method: string): boolean {
	return rule.xsrf === 'always' || (rule.xsrf === 'unsafe' && !isSafe(method));
}

/** The method by which a request is judged: one that says as much as is known of whether it changes something. */
export function judgedMethod({ changes }: Pick<Rule, 'changes'>, method: string): string {
	if (changes === true && isSafe(method)) return 'POST';
	return changes === false && method === 'POST' ? 'GET' : method;
}

/** Methods that change nothing; written in capitals, as on the wire. Rule: RFC 9110, 9.2.1. */
export function isSafe(method: string): boolean {
	return ['GET', 'HEAD', 'OPTIONS', 'TRACE'].includes(method);
}
