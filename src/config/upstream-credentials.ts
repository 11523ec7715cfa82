import { z } from 'zod';

/*
 * How we show ourselves to what stands behind us. A secret stands in the configuration, or in a file that is read again
 * when it changes.
 */

const file = z.string().min(1);

/** RFC 6265, 4.1.1: `cookie-octet`. */
export const cookieValue = /^[!#-+\--:<-[\]-~]{1,4096}$/;
/** RFC 7617, 2: a colon would end the name. */
const basicName = /^[^:\p{Cc}]{1,1024}$/u;
export const basicPassword = /^[^\p{Cc}]{1,1024}$/u;
/** RFC 6750, 2.1: `b64token`. */
export const bearerToken = /^[A-Za-z0-9._~+/-]{1,8192}=*$/;

const credentialsSchema = z.strictObject({
	cookie: z
		.strictObject({
			name: z.string().regex(/^[A-Za-z0-9!#$%&'*+.^_`|~-]{1,64}$/, 'must be the name of a cookie'),
			value: z.string().regex(cookieValue, 'must be the value of a cookie').optional(),
			valueFile: file.optional(),
		})
		.optional(),
	basic: z
		.strictObject({
			username: z.string().regex(basicName, 'must be 1 to 1024 characters, without a colon'),
			password: z.string().regex(basicPassword, 'must be 1 to 1024 characters').optional(),
			passwordFile: file.optional(),
		})
		.optional(),
	/** `Authorization: Bearer …`. */
	bearer: z.string().regex(bearerToken, 'must be a bearer token').optional(),
	bearerFile: file.optional(),
	/** PEM files, for an https upstream that asks for a certificate. */
	clientCertificate: z.strictObject({ cert: file, key: file, ca: file.optional() }).optional(),
});

export type UpstreamCredentials = z.output<typeof credentialsSchema>;

export const upstreamCredentialsSchema = z.record(
	z.string().regex(/^[A-Za-z][A-Za-z0-9_-]{0,63}$/, 'must be a letter, and up to 63 letters, digits, - and _'),
	credentialsSchema,
);

type Say = (path: (string | number)[], message: string) => void;

/** One way each, and its secret in one place. */
export function judgeUpstreamCredentials(all: Readonly<Record<string, UpstreamCredentials>>, say: Say): void {
	for (const [name, { cookie, basic, bearer, bearerFile, clientCertificate }] of Object.entries(all)) {
		const at = (...key: string[]) => ['upstreamCredentials', name, ...key];
		const ways = { cookie, basic, bearer: bearer ?? bearerFile, clientCertificate };
		const [first, second] = Object.entries(ways).flatMap(([way, value]) => (value === undefined ? [] : [way]));
		if (first === undefined) say(at(), 'must be one of cookie, basic, bearer, bearerFile, clientCertificate');
		if (second !== undefined) say(at(second), `${first} stands there, too: name one`);
		const once = (path: string[], one: unknown, other: unknown, key: string) => {
			if (one === undefined && other === undefined) say(path, `is missing: ${key}, or ${key}File`);
			if (one !== undefined && other !== undefined) say(path, `${key}File stands there, too: name one`);
		};
		if (cookie) once(at('cookie'), cookie.value, cookie.valueFile, 'value');
		if (basic) once(at('basic'), basic.password, basic.passwordFile, 'password');
		if (bearer !== undefined && bearerFile !== undefined) once(at('bearer'), bearer, bearerFile, 'bearer');
	}
}

/** With the paths of files as they count from a folder. */
export function withAbsoluteFiles(
	all: Readonly<Record<string, UpstreamCredentials>>,
	absolute: (path: string) => string,
): Record<string, UpstreamCredentials> {
	const files = <T extends object>(part: T): T =>
		Object.fromEntries(
			Object.entries(part).map(([key, value]) => [
				key,
				isFile.test(key) && value !== undefined ? absolute(value) : value,
			]),
		) as T;
	return Object.fromEntries(
		Object.entries(all).map(([name, way]): [string, UpstreamCredentials] => {
			const { cookie, basic, clientCertificate } = way;
			const parts = {
				...(cookie && { cookie: files(cookie) }),
				...(basic && { basic: files(basic) }),
				...(clientCertificate && { clientCertificate: files(clientCertificate) }),
			};
			return [name, { ...files(way), ...parts }];
		}),
	);
}

const isFile = /^(cert|key|ca|\w+File)$/;

/** The same for others to see: of each secret, that it is there. */
export function withoutSecrets(
	all: Readonly<Record<string, UpstreamCredentials>>,
): Record<string, UpstreamCredentials> {
	const isSecret = /^(value|password|bearer)$/;
	const text = JSON.stringify(all, (key, part) => (isSecret.test(key) && typeof part === 'string' ? '***' : part));
	return JSON.parse(text);
}
