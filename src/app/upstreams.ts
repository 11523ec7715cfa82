import { ConfigError } from '../config/read.ts';
import type { Config } from '../config/schema.ts';
import { showingNothing, type UpstreamCredentials, type UpstreamTls } from '../gateway/upstream-credentials.ts';
import type { PlaceOf } from './place-of.ts';
import { type Opened, openCredentials, openUpstreamTls } from './upstream-credentials.ts';

type Resource = Config['resources'][number];

/** How we meet what stands behind us, as `upstreamCredentials` and `upstreamCa` say. */
export interface Upstreams {
	/** `cookies`: of a preset. What it makes public goes on as a stranger's. */
	credentialsFor(resource: Resource, cookies?: readonly string[]): UpstreamCredentials | undefined;
	tlsFor(resource: Resource): (() => UpstreamTls) | undefined;
	/** See `Gate.lookAgain`. */
	lookAgain(tell: (key: string, reason: string) => void): void;
}

/** Throws a `ConfigError` where a file cannot be used. */
export function openUpstreams(config: Config, placeOf: PlaceOf): Upstreams {
	const lines: string[] = [];
	const looks: ((tell: (key: string, reason: string) => void) => void)[] = [];
	const byName = new Map<string, UpstreamCredentials>();
	const tls = new Map<string, () => UpstreamTls>();

	function attempt<T>(path: readonly PropertyKey[], open: () => Opened<T> | undefined): T | undefined {
		const key = path.map(String).join('.');
		try {
			const opened = open();
			if (opened) looks.push((tell) => opened.look((reason) => tell(key, reason)));
			return opened?.value;
		} catch (fault) {
			lines.push(`${placeOf(path)}${key}: ${(fault as Error).message}`);
			return undefined;
		}
	}

	const used = new Set(config.resources.flatMap(({ upstreamCredentials: name }) => name ?? []));
	for (const [name, way] of Object.entries(config.upstreamCredentials)) {
		const credentials = attempt(['upstreamCredentials', name], () => openCredentials(name, way));
		if (credentials) byName.set(name, credentials);
		// Read here, too, where no rule names it: a mistake is told at the start.
		if (!used.has(name))
			attempt(['upstreamCredentials', name], () => openUpstreamTls(way.clientCertificate, undefined));
	}
	config.resources.forEach((resource, at) => {
		const key = tlsKey(resource);
		if (key === undefined || tls.has(key)) return;
		const { upstreamCredentials: name = '', upstreamCa } = resource;
		const certificate = config.upstreamCredentials[name]?.clientCertificate;
		const path = upstreamCa === undefined ? ['upstreamCredentials', name] : ['resources', at, 'upstreamCa'];
		const opened = attempt(path, () => openUpstreamTls(certificate, upstreamCa));
		if (opened) tls.set(key, opened);
	});
	if (lines.length > 0) throw new ConfigError([...new Set(lines)]);

	return {
		credentialsFor({ upstreamCredentials: name, access }, cookies) {
			const named = name === undefined ? undefined : byName.get(name);
			if (named === undefined || cookies === undefined) return named;
			const ofSystem = { ...named, cookies: [...new Set([...named.cookies, ...cookies])] };
			return access === 'public' ? showingNothing(ofSystem) : ofSystem;
		},
		tlsFor: (resource) => tls.get(tlsKey(resource) ?? ''),
		lookAgain: (tell) => looks.forEach((look) => void look(tell)),
	};
}

/** Rules that meet their upstreams in the same way share connections. */
function tlsKey({ upstream, upstreamCredentials: name = '', upstreamCa = '' }: Resource): string | undefined {
	return upstream?.startsWith('https:') && name + upstreamCa !== '' ? `${name} ${upstreamCa}` : undefined;
}
