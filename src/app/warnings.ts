import { lastMomentOf } from '../certificates/server-tls.ts';
import type { Config } from '../config/schema.ts';
import { createClock } from '../core/clock.ts';
import { identityPaths } from '../dialect/kura/identity/routes.ts';
import { tokenPaths } from '../dialect/kura/jwt/routes.ts';
import { holdsForHost, parseHostPattern } from '../gateway/host.ts';
import { ownPaths, pathsEverywhere } from './own-paths.ts';
import { portalHostsOf } from './portal-only.ts';
import { expandPresets } from './presets.ts';
import { tlsFilesOf } from './validate.ts';

/** What can be used as it is, and yet does not do what its author may expect: one line each, key first. */
export function warningsOf(config: Config): string[] {
	return [
		...waysThatAreOff(config),
		...credentialsThatAreOff(config),
		...hiddenResources(config),
		...blindNetworks(config),
		...otherSites(config),
		...appsThatNobodyCanSetUp(config),
		...expiredCertificate(config),
	];
}

/** Ways in that stand there as on, and that another setting ends: what is off is off for every way to show it. */
function waysThatAreOff({ auth, session }: Config): string[] {
	const isOff = (key: string, by: string) => `${key}: is of no use while auth.${by} is false`;
	return [
		...(auth.basic && !auth.password ? [isOff('auth.basic', 'password')] : []),
		...(auth.statelessCertificate && !auth.certificate ? [isOff('auth.statelessCertificate', 'certificate')] : []),
		...(session.bindCertificate && !auth.certificate ? [isOff('session.bindCertificate', 'certificate')] : []),
	];
}

/** Clients refuse it, and the service hears nothing of that. */
function expiredCertificate(config: Config): string[] {
	const files = tlsFilesOf(config);
	const last = files && lastMomentOf(files);
	if (files === undefined || last === undefined || last >= createClock().now()) return [];
	return [`https.cert: ${files.cert} has expired, on ${new Date(last).toISOString()}`];
}

/** A second factor is required, and one kind of them cannot be had. */
function appsThatNobodyCanSetUp({ auth, store, secondFactor }: Config): string[] {
	const { required, requiredFor, sealingKey } = secondFactor;
	const isRequired = required !== 'nobody' || requiredFor.length > 0;
	if (!auth.totp || !isRequired || sealingKey !== undefined || store.identities.startsWith('sqlite:')) return [];
	return ['secondFactor.sealingKey: is absent: with identities in PostgreSQL nobody can set up an app with codes'];
}

/** Kinds of credentials that a rule names, and that nobody can have. */
function credentialsThatAreOff({ auth, dialects, resources }: Config): string[] {
	const byDialects = dialects.kismet.enabled || dialects.insights.enabled;
	const isOn = {
		password: (auth.sessions && auth.password) || byDialects,
		passkey: auth.sessions && auth.passkey.enabled,
		certificate: auth.certificate && (auth.sessions || auth.statelessCertificate),
		basic: auth.basic && auth.password,
		token: auth.tokens,
		jwt: dialects.kuraTokens.enabled,
	};
	return resources.flatMap(({ credentials = [] }, at) =>
		credentials.flatMap((kind, index) =>
			isOn[kind]
				? []
				: [
						`resources.${at}.credentials.${index}: nobody can have it: ${kind} is off in ${kind === 'jwt' ? 'dialects.kuraTokens' : 'auth'}`,
					],
		),
	);
}

/** What we answer ourselves never reaches the upstream. */
function hiddenResources(config: Config): string[] {
	const portalHosts = portalHostsOf(config);
	const own = ownPaths(config);
	const ownElsewhere = pathsEverywhere(config);
	const lines = expandPresets(config.resources).flatMap(({ at, resource, cookies }) => {
		const { exact, suffixes, upstream } = resource;
		const isOfPreset = cookies !== undefined;
		const key = isOfPreset ? 'preset' : resource.path === undefined ? 'paths' : 'path';
		const paths = resource.path === undefined ? (resource.paths ?? ['/']) : [resource.path];
		// A preset has a rule for everything else: it says it for all.
		if (upstream === undefined || suffixes !== undefined || (isOfPreset && exact)) return [];
		const isPortals = portalHosts === undefined || mayHold(resource.hosts, portalHosts);
		const taken = isPortals ? own : ownElsewhere;
		return paths.flatMap((path) => hiddenPath(`resources.${at}.${key}`, path, exact, taken));
	});
	return [...new Set(lines)];
}

function mayHold(hosts: readonly string[] | undefined, portalHosts: ReadonlySet<string>): boolean {
	const patterns = hosts?.flatMap((text) => parseHostPattern(text) ?? []);
	return [...portalHosts].some((host) => holdsForHost(patterns, host));
}

function hiddenPath(key: string, path: string, exact: boolean, own: readonly string[]): string[] {
	const prefix = path.toLowerCase().replace(/\/$/, '');
	const holder = own.find((each) => each.endsWith('/*') && `${prefix}/`.startsWith(each.slice(0, -1).toLowerCase()));
	if (holder) return [`${key}: ${path} is below ${holder}, where Latchkey's own answers come first`];
	const taken = own.filter(
		(each) => each.toLowerCase() === (prefix || '/') || (!exact && each.toLowerCase().startsWith(`${prefix}/`)),
	);
	if (taken.length === 0) return [];
	const ofIdentity = taken.filter((each) => identityPaths.includes(each));
	const ofTokens = taken.filter((each) => Object.values<string>(tokenPaths).includes(each));
	const settings = [
		...(ofIdentity.length + ofTokens.length < taken.length ? ['console.path', 'console.enabled', 'docs.enabled'] : []),
		...(ofIdentity.length > 0 ? ['dialects.kuraIdentity.enabled'] : []),
		...(ofTokens.length > 0 ? ['dialects.kuraTokens.enabled'] : []),
	];
	return [`${key}: not for ${taken.join(', ')}: Latchkey's own (${settings.join(', ')})`];
}

/** Where nothing but this machine can ask, and nobody is believed who asks for others, all clients are at one address. */
function blindNetworks({ http, https, trustedProxies, resources }: Config): string[] {
	const isOpen = !isLoopback(http.host) || (https?.cert !== undefined && !isLoopback(https.host));
	if (isOpen || trustedProxies.length > 0) return [];
	const why = 'all requests come from this machine: where a proxy passes them on, name it in trustedProxies';
	return resources.flatMap(({ from }, index) => (from === undefined ? [] : [`resources.${index}.from: ${why}`]));
}

/** The session cookie is `SameSite=Lax`: a page of another site may call us, and its calls carry no session. */
function otherSites({ http, https, trustedProxies, allowedOrigins }: Config): string[] {
	const lines: string[] = [];
	const hasTls = https?.cert !== undefined;
	// Behind a proxy we cannot know by which name and scheme people come.
	const isKnown = trustedProxies.length === 0;
	const isHere = isKnown && isLoopback(http.host) && (!hasTls || isLoopback(https.host));
	const never = (index: number, why: string) =>
		lines.push(`allowedOrigins.${index}: ${allowedOrigins[index]} ${why}: its pages never have the session cookie`);
	const first = allowedOrigins.find((origin) => isElsewhere(new URL(origin)));
	allowedOrigins.forEach((origin, index) => {
		const url = new URL(origin);
		if (isHere && isElsewhere(url)) never(index, 'is another site than this machine');
		else if (isKnown && !hasTls && url.protocol === 'https:') never(index, 'is https, and this service is not');
		else if (first !== undefined && siteOf(url) !== siteOf(new URL(first))) {
			never(index, `and ${first} are two sites, and this service is of one of them at most`);
		}
	});
	return lines;
}

function isElsewhere({ hostname }: URL): boolean {
	return !isLoopback(hostname.replace(/^\[|\]$/g, '')) && !hostname.endsWith('.localhost');
}

function isLoopback(host: string): boolean {
	return host === 'localhost' || host === '::1' || /^127(\.\d{1,3}){3}$/.test(host);
}

/** Two names of one site agree in this at least; names that differ in it are of two. */
function siteOf({ protocol, hostname }: URL): string {
	const isName = /[a-z]$/.test(hostname);
	return `${protocol}//${isName ? hostname.split('.').slice(-2).join('.') : hostname}`;
}
