import { z } from 'zod';
import { addressRule, isCidr, isNotEverybody, isPostgresAddress, isRedisAddress, rangeRule } from './addresses.ts';
import { dialectsSchema } from './dialects.ts';
import { consoleSchema, docsSchema, judgeResources, networksSchema, resourceSchema } from './gateway.ts';
import { auditSchema, logSchema, metricsSchema } from './observability.ts';
import { judgePasskey, passkeySchema } from './passkey.ts';
import { portalSchema } from './portal.ts';
import { secondFactorSchema } from './second-factor.ts';
import { judgeUpstreamCredentials, upstreamCredentialsSchema } from './upstream-credentials.ts';

/*
 * Every setting: its unit, its default, its meaning. One YAML file, each key of it also from the environment
 * (`http.port` is LATCHKEY_HTTP_PORT), or from a file that the environment names (LATCHKEY_HTTP_PORT_FILE: a secret
 * mounted by a container engine). The environment wins. The only place where seconds become milliseconds.
 */

const port = z.int().min(0).max(65535);
const seconds = (max: number) => z.int().min(0).max(max);
const flag = z.boolean();
const path = z.string().min(1);
const webOrigin = z.string().refine(isOrigin, 'must be an origin as browsers write it: https://app.example.org');
const cidr = z.string().refine(isCidr, 'must be an address or a CIDR: 10.0.0.0/8');

const bannerText = z.string().max(10_000);

const httpSchema = z.strictObject({
	/** Where to listen. Beyond this machine only with `insecure`, or behind `trustedProxies`. */
	host: z.string().min(1).default('127.0.0.1'),
	/** 0: any that is free. */
	port: port.default(8080),
	/** Serve plain http to other machines, without a trusted proxy in front. */
	insecure: flag.default(false),
});

/** Seconds: a year, as browsers' preload lists and OWASP ASVS 5.0, 3.4.1 ask for. */
export const defaultHsts = 31_536_000;

const httpsSchema = z.strictObject({
	host: z.string().min(1).default('127.0.0.1'),
	port: port.default(8443),
	/** PEM files. Without them there is no port of our own: a trusted proxy asks for client certificates, and we judge them. */
	cert: path.optional(),
	key: path.optional(),
	/** CA of client certificates: with it they are asked for, and requests without one are still served. */
	clientCa: path.optional(),
	clientCrl: path.optional(),
	/** `Strict-Transport-Security`, in seconds: for so long browsers ask for this name over https only, on all its ports. False: it is not sent; 0: browsers forget it. */
	hsts: z.union([z.literal(false), seconds(63_072_000)]).default(defaultHsts),
});

const dataSchema = z.strictObject({
	/** From where relative paths of `store` count. Absent: systemd's STATE_DIRECTORY, else the working folder. */
	dir: path.optional(),
});

const storeSchema = z.strictObject({
	identities: z
		.string()
		.regex(/^(sqlite:.+|postgres(ql)?:\/\/.+)$/, 'must be sqlite:FILE or postgres://…')
		.refine(isPostgresAddress, addressRule)
		.default('sqlite:data/latchkey.db'),
	sessions: z
		.string()
		.regex(
			/^(memory:|sqlite:.+|redis(s|\+cluster|s\+cluster|\+sentinel|s\+sentinel)?:\/\/.+)$/,
			'must be sqlite:FILE, redis://…, redis+sentinel://…, redis+cluster://… or memory:',
		)
		.refine(isRedisAddress, addressRule)
		.default('sqlite:data/latchkey.db'),
});

const sessionSchema = z.strictObject({
	/** Seconds without a request until a session expires; 0: never. */
	inactivityInterval: seconds(31_536_000).default(900),
	/** Seconds from login; 0: no limit. */
	absoluteLifetime: seconds(31_536_000).default(43_200),
	/** Kura's. `__Host-` in front of it where browsers come over https only. Rule: RFC 6265bis, 4.1.3.2. */
	cookieName: z
		.string()
		.regex(/^[A-Za-z0-9_-]{1,64}$/, 'must be 1 to 64 letters, digits, - and _')
		.default('JSESSIONID'),
	/** `end`: a new login is required. `renew`: a fresh session takes the old one's place. */
	afterPasswordChange: z.enum(['end', 'renew']).default('end'),
	/** Sessions of one identity that may live at once; the oldest ends. */
	mostPerIdentity: z.int().min(1).max(10_000).default(100),
	/** Sessions opened by certificate are good over connections that show it, and over no others. Those that are bound stay so. */
	bindCertificate: flag.default(false),
	/** Asking for the XSRF token, or asking forward-auth directly, counts as activity: a background tab keeps its session. */
	pollingCounts: flag.default(false),
});

const authSchema = z.strictObject({
	/** Logins by password; without them no Basic either. Rule: Kura, where a mechanism that is off answers 404. */
	password: flag.default(true),
	/** Logins by client certificate; without them no `statelessCertificate` either. */
	certificate: flag.default(true),
	/** Sessions of Kura's kind; without them every request brings its credential. */
	sessions: flag.default(true),
	/** HTTP Basic with every request, no session. */
	basic: flag.default(false),
	/** A client certificate with every request, no session. */
	statelessCertificate: flag.default(false),
	/** API tokens of machines, in `Authorization: Bearer`. */
	tokens: flag.default(true),
	passkey: passkeySchema.prefault({}),
	/** Codes of an app on the phone as second factors. */
	totp: flag.default(true),
	/** The assurance level of a login by certificate; 2 where keys cannot be copied and ask for a PIN (smart cards). */
	certificateLevel: z.literal([1, 2]).default(1),
	/** What a login by certificate answers: 204 and nothing, or 200 and a body, as a login by password. */
	certificateAnswer: z.enum(['empty', 'body']).default('empty'),
});

const passwordPolicySchema = z.strictObject({
	/** Code points. */
	minLength: z.int().min(1).max(256).default(12),
	/** Where the password is the only factor; absent: `minLength` where that is set, else as `app/password-policy.ts` says. Source: NIST SP 800-63B-4, 3.1.1.2: 15. */
	minLengthAlone: z.int().min(1).max(256).optional(),
	/** Passwords from leaks, with digits around them, too; and what contains the name of the user or of the product. Source: OWASP ASVS 5.0, 6.2.4. */
	refuseCommon: flag.default(true),
	requireDigits: flag.default(false),
	requireSpecialCharacters: flag.default(false),
	requireBothCases: flag.default(false),
	/** Hours that a password is good which somebody else has set and which has to be changed, from then on; 0: no end. Source: OWASP ASVS 5.0, 6.4.1. */
	temporaryHours: z.int().min(0).max(8760).default(72),
});

const passwordHashSchema = z.strictObject({
	/** KiB. */
	memory: z.int().min(8).max(1_048_576).default(47_104),
	iterations: z.int().min(1).max(10).default(1),
	parallelism: z.int().min(1).max(16).default(1),
	/** Hashes at once in one process; 0: one less than there are cores, at least one. */
	concurrency: z.int().min(0).max(64).default(0),
});

const attemptsSchema = z.strictObject({
	/** Wrong passwords for one name from one source before it has to wait. */
	limit: z.int().min(1).max(1_000_000).default(10),
	/** Seconds within which they are counted. */
	window: z.int().min(1).max(86_400).default(300),
});

/**
 * The whole configuration. Every part has all its defaults, so that an absent part is the same as an empty one; keys that are
 * not known are refused. Times are whole seconds, sizes say their unit. What is wrong becomes issues with the path of the key:
 * `readConfig` turns them into one `ConfigError`.
 */
export const schema = z
	.strictObject({
		http: httpSchema.prefault({}),
		https: httpsSchema.optional(),
		data: dataSchema.prefault({}),
		store: storeSchema.prefault({}),
		session: sessionSchema.prefault({}),
		auth: authSchema.prefault({}),
		secondFactor: secondFactorSchema.prefault({}),
		passwordPolicy: passwordPolicySchema.prefault({}),
		passwordHash: passwordHashSchema.prefault({}),
		attempts: attemptsSchema.prefault({}),
		/** Text shown before login; or one for before and one for after it. */
		banner: z
			.union([bannerText, z.strictObject({ beforeLogin: bannerText.optional(), afterLogin: bannerText.optional() })])
			.optional(),
		/** CIDRs whose X-Forwarded-* and Client-Cert headers are believed. */
		trustedProxies: z.array(cidr.refine(isNotEverybody, rangeRule)).default([]),
		/** Other origins whose pages may call the API. */
		allowedOrigins: z.array(webOrigin).default([]),
		/** Names for `from` of resources. */
		networks: networksSchema.prefault({}),
		/** Names for `upstreamCredentials` of resources. */
		upstreamCredentials: upstreamCredentialsSchema.prefault({}),
		/** The first that matches decides; what none matches is refused. */
		resources: z.array(resourceSchema).default([]),
		portal: portalSchema.prefault({}),
		console: consoleSchema.prefault({}),
		docs: docsSchema.prefault({}),
		log: logSchema.prefault({}),
		audit: auditSchema.prefault({}),
		metrics: metricsSchema.prefault({}),
		dialects: dialectsSchema.prefault({}),
	})
	.superRefine(judgeTogether);

/** As the service has it: every default filled in. */
export type Config = z.infer<typeof schema>;

/** As it is written down: every key optional. */
export type Settings = z.input<typeof schema>;

/** What parts need of each other. */
function judgeTogether(config: z.output<typeof schema>, found: z.RefinementCtx): void {
	const say = (path: (string | number)[], message: string) => found.addIssue({ code: 'custom', path, message });
	const { http, https, metrics, session, trustedProxies, dialects } = config;
	if (!isLoopback(http.host) && !http.insecure && trustedProxies.length === 0) {
		say(['http', 'host'], 'plain http beyond this machine needs http.insecure: true, or trustedProxies');
	}
	if (https !== undefined && https.port === http.port && https.port !== 0 && https.host === http.host) {
		say(['https', 'port'], 'is the port of http, too');
	}
	const { memory, parallelism } = config.passwordHash;
	if (memory < 8 * parallelism) say(['passwordHash', 'memory'], 'must be 8 KiB or more for each of parallelism');
	for (const [key, other] of Object.entries({ http, https })) {
		if (other === undefined || metrics.port === 0 || metrics.port !== other.port) continue;
		if (metrics.host === other.host) say(['metrics', 'port'], `is the port of ${key}, too`);
	}
	const ownPort = https?.cert !== undefined || https?.key !== undefined;
	// Behind a proxy that speaks TLS, `https.hsts` may be all that is set.
	if (https !== undefined && (ownPort || (https.clientCa === undefined && https.hsts === defaultHsts))) {
		if (https.cert === undefined) say(['https', 'cert'], 'is missing');
		if (https.key === undefined) say(['https', 'key'], 'is missing');
	}
	if (https?.clientCrl !== undefined && https.clientCa === undefined) {
		say(['https', 'clientCrl'], 'is of no use without https.clientCa');
	}
	if (/^__(Host|Secure)-/.test(session.cookieName) && !ownPort && trustedProxies.length === 0) {
		say(['session', 'cookieName'], 'browsers take that name over https only: configure https or trustedProxies');
	}
	const { kismet, insights } = dialects;
	if (kismet.username !== undefined && kismet.password === undefined) {
		say(['dialects', 'kismet', 'username'], 'is of no use without dialects.kismet.password');
	}
	const taken = [...(kismet.enabled ? ['KISMET'] : []), ...(insights.enabled ? ['session'] : [])];
	if (taken.includes(session.cookieName)) {
		say(['session', 'cookieName'], 'is the name of the cookie of a dialect that is on');
	}
	judgePasskey(config, say);
	judgeUpstreamCredentials(config.upstreamCredentials, say);
	judgeResources(config, say);
}

function isLoopback(host: string): boolean {
	return host === 'localhost' || host === '::1' || /^127(\.\d{1,3}){3}$/.test(host);
}

function isOrigin(text: string): boolean {
	return URL.canParse(text) && new URL(text).origin === text && text !== 'null';
}
