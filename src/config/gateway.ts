import { z } from 'zod';
import { isCidr } from './addresses.ts';
import { orNearest } from './suggest.ts';
import type { UpstreamCredentials } from './upstream-credentials.ts';

// To import it takes as long again as all of Node: `http/node-http.ts`.
const { METHODS } = process.getBuiltinModule('node:http');

/*
 * The settings of what is protected, and of our own pages among it.
 */

const flag = z.boolean();

const path = z.string().startsWith('/');
export const permission = z
	.string()
	.regex(/^(?=.{1,128}$)[A-Za-z0-9_*-]+(\.[A-Za-z0-9_*-]+)*$/, 'must be letters, digits, _ - * and dots between them');

export const networksSchema = z.record(
	z.string().regex(/^[A-Za-z][A-Za-z0-9_-]{0,63}$/, 'must be a letter, and up to 63 letters, digits, - and _'),
	z.array(z.string().refine(isCidr, 'must be an address or a CIDR: 10.0.0.0/8')).min(1),
);

export const resourceSchema = z.strictObject({
	/** Stands for the rules of a system that is known; `path` is what stands in front of its paths. */
	preset: z.enum(['kismet', 'kura']).optional(),
	/** `example.org`, `*.example.org` (one label or more, not the name itself), with a port where it is no default one. Absent: every host. */
	hosts: z.array(z.string()).min(1).optional(),
	/** This path and all below it. Absent, as `paths`: every path. */
	path: path.optional(),
	/** Several. */
	paths: z.array(path).min(1).optional(),
	/** Only the paths themselves, and nothing below them. */
	exact: flag.default(false),
	/** How the last segment ends: `.cmd`. */
	suffixes: z
		.array(z.string().regex(/^[^/\\?#;:%\s\p{C}]{1,64}$/u, 'must be 1 to 64 characters, and none of / \\ ? # ; : %'))
		.min(1)
		.optional(),
	/** GET holds HEAD, too. */
	methods: z
		.array(z.string().refine((text) => METHODS.includes(text), 'must be a method of HTTP, in capitals'))
		.min(1)
		.optional(),
	/** Only WebSockets, or none. */
	websocket: flag.optional(),
	/** Where clients are: addresses, CIDRs, names of `networks`. */
	from: z.array(z.string()).min(1).optional(),
	/** What opens it; `kura.admin` opens whatever is not denied. One of `permission`, `permissions` and `access` stands in each. */
	permission: permission.optional(),
	/** One of `any`, and each of `all`. */
	permissions: z
		.strictObject({ any: z.array(permission).min(1).optional(), all: z.array(permission).min(1).optional() })
		.optional(),
	/** `public`: nobody is asked. `authenticated`: whoever is logged in may pass. `denied`: nobody may. */
	access: z.enum(['public', 'authenticated', 'denied']).optional(),
	/** Which kinds of credentials may have opened the session, or come along with the request. Absent: all that are on. */
	credentials: z
		.array(z.enum(['password', 'passkey', 'certificate', 'basic', 'token', 'jwt']))
		.min(1)
		.optional(),
	/** How sure it must be who somebody is: 2 is with a second factor. */
	assuranceLevel: z.literal([1, 2]).optional(),
	/** Seconds since that was proved last, at the most. Absent: whenever. */
	maxAge: z.int().min(1).max(31_536_000).optional(),
	/** Absent: the resource is known to forward-auth only. */
	upstream: z
		.string()
		.refine(isServer, 'must be http://HOST:PORT or https://HOST:PORT, with nothing behind it')
		.optional(),
	/** The `Host` that the upstream sees. Absent: the client's, whatever it is. */
	host: z.string().refine(isAuthority, 'must be a host name, or HOST:PORT').optional(),
	/** A name from `upstreamCredentials`. */
	upstreamCredentials: z.string().optional(),
	/** PEM file: the CA that signed the certificate of an https upstream. Absent: those that Node knows. */
	upstreamCa: z.string().min(1).optional(),
	/** Names of query parameters that do not go on. */
	stripQuery: z
		.array(z.string().regex(/^[^&;=#%+?[\s\p{C}]{1,64}$/u, 'must be 1 to 64 characters, and none of & ; = # % + ? ['))
		.min(1)
		.optional(),
	/** Absent: `always`, or what the preset says. `origin`: no token, but what changes something must come from a page of the host that it asks. */
	xsrf: z.enum(['always', 'unsafe', 'origin']).optional(),
	/** What the list of applications calls it. Absent: its address. */
	title: z
		.string()
		.regex(/^(?!\s)[^\p{C}\p{Zl}\p{Zp}]{1,80}(?<!\s)$/u, 'must be 1 to 80 printable characters')
		.optional(),
	/** A file with its picture there. */
	icon: z.string().min(1).optional(),
	/** `auto`: who opens a page is led to the sign-in page, all else is 401. `redirect`: whatever asks by GET is led. */
	unauthenticated: z
		.literal(['auto', 'redirect', '401', 401])
		// Without quotes, YAML reads a number.
		.transform((value) => (value === 401 ? '401' : value))
		.default('auto'),
});

type Say = (path: (string | number)[], message: string) => void;

type Resource = z.output<typeof resourceSchema>;

interface Resources {
	readonly networks: z.output<typeof networksSchema>;
	readonly upstreamCredentials: Readonly<Record<string, UpstreamCredentials>>;
	readonly resources: readonly Resource[];
}

/** What the keys of a rule need of each other. */
export function judgeResources({ networks, resources, upstreamCredentials }: Resources, say: Say): void {
	resources.forEach((resource, at) => {
		const { hosts, path, paths, exact, from } = resource;
		const sayAt = (key: string, message: string) => say(['resources', at, key], message);
		if (resource.preset === undefined) judgeAccess(resource, sayAt);
		else judgePreset(resource, sayAt);
		judgeUpstream(resource, upstreamCredentials, sayAt);
		if (path !== undefined && paths !== undefined)
			say(['resources', at, 'paths'], 'path stands there, too: name all in paths');
		const isEveryHost = hosts === undefined || hosts.includes('*');
		if (resource.access === 'public' && isEveryHost && (path ?? paths) === undefined)
			say(['resources', at, 'access'], 'public would open every path of every host: name hosts, path or paths');
		if (exact && (path ?? paths) === undefined) say(['resources', at, 'exact'], 'is of no use without path or paths');
		from?.forEach((text, index) => {
			if (Object.hasOwn(networks, text) || isCidr(text)) return;
			const near = orNearest(text, Object.keys(networks));
			say(['resources', at, 'from', index], `must be an address, a CIDR, or a name of networks${near}`);
		});
	});
}

const waysToSay = ['permission', 'permissions', 'access'] as const;

/** Who may pass is said once. */
function judgeAccess(resource: Resource, say: (key: string, message: string) => void): void {
	const [first, ...others] = waysToSay.filter((key) => resource[key] !== undefined);
	if (first === undefined) say('permission', 'is missing: who may pass is said by permission, permissions or access');
	for (const key of others) say(key, `${first} stands there, too: who may pass is said once`);
	const { access } = resource;
	if (access === 'public' || access === 'denied')
		for (const key of ['credentials', 'assuranceLevel', 'maxAge'] as const)
			if (resource[key] !== undefined) say(key, `is of no use with access: ${access}`);
	const { any, all } = resource.permissions ?? {};
	if (resource.permissions !== undefined && (any ?? all) === undefined) say('permissions', 'must name any, or all');
}

/** What a preset says is said by it alone. */
function judgePreset(resource: Resource, say: (key: string, message: string) => void): void {
	const given = ['paths', 'suffixes', 'methods', 'websocket', ...waysToSay] as const;
	for (const key of given) if (resource[key] !== undefined) say(key, `is said by the preset ${resource.preset}`);
	if (resource.exact) say('exact', `is said by the preset ${resource.preset}`);
}

function judgeUpstream(
	{ upstream, upstreamCredentials: name, upstreamCa, stripQuery }: Resource,
	credentials: Resources['upstreamCredentials'],
	say: (key: string, message: string) => void,
): void {
	const isTls = upstream?.startsWith('https:') ?? false;
	if (name !== undefined && !Object.hasOwn(credentials, name))
		say('upstreamCredentials', `there are none of that name${orNearest(name, Object.keys(credentials))}`);
	for (const [key, value] of Object.entries({ upstreamCredentials: name, upstreamCa, stripQuery }))
		if (value !== undefined && upstream === undefined) say(key, 'is of no use without upstream');
	if (upstream === undefined || isTls) return;
	if (upstreamCa !== undefined) say('upstreamCa', 'is of no use: the upstream is plain http');
	if (name !== undefined && Object.hasOwn(credentials, name) && credentials[name]?.clientCertificate !== undefined)
		say('upstreamCredentials', 'a client certificate needs an https upstream');
}

/** Where our own pages stand among those of others. */
export const consoleSchema = z.strictObject({
	/** The console; without it what stands behind us has that path. */
	enabled: flag.default(true),
	/** Of the console; the documentation stands below it. The API keeps its paths. */
	path: z
		.string()
		.regex(/^\/$|^(\/[A-Za-z0-9_-]+)+$/, 'must be / or a path of letters, digits, _ and -, without a / at its end')
		.default('/'),
});

/** `/openapi.yaml`, and `/docs`, a page to read it. */
export const docsSchema = z.strictObject({ enabled: flag.default(true) });

/** A path behind it would promise that requests are sent below it. */
function isServer(text: string): boolean {
	const url = URL.parse(text);
	if (url === null || !/^https?:$/.test(url.protocol) || url.hostname === '') return false;
	return url.pathname === '/' && url.search + url.hash + url.username + url.password === '';
}

function isAuthority(text: string): boolean {
	return URL.parse(`http://${text}/`)?.host === text.toLowerCase().replace(/:80$/, '');
}
