import { z } from 'zod';
import { permission } from './gateway.ts';

const kismetSchema = z.strictObject({
	enabled: z.boolean().default(false),
	/** The login, set here and nowhere else; `kismet` where only a password is. HTTP Basic has no way to send a colon in it. */
	username: z
		.string()
		.regex(/^(?! )[^:\p{C}\p{Zl}\p{Zp}]{1,256}(?<! )$/u, 'must be 1 to 256 printable characters without a colon')
		.optional(),
	password: z.string().min(1).refine(isPassword, 'must not be longer than 1024 bytes, nor hold a NUL').optional(),
	/** Setting the password ends living Kismet sessions, too. */
	endSessions: z.boolean().default(false),
	/** Keys as `?KISMET=`, and `?user=&password=`, with GET and WebSockets: some clients know no other way. Proxies in front log them. */
	queryLogin: z.boolean().default(false),
	/** Which permission each role of an API key is, of further ones, too; a role that is not here is `kismet.<role>`. */
	roles: z
		.object({
			admin: permission.default('kismet.admin'),
			readonly: permission.default('kismet.readonly'),
			scanreport: permission.default('kismet.scanreport'),
			datasource: permission.default('kismet.datasource'),
			WEBGPS: permission.default('kismet.webgps'),
			ADSB: permission.default('kismet.adsb'),
		})
		.catchall(permission)
		.prefault({}),
	/** Days that an API key lives at the most; and one that is made for ever. */
	keyLifetimeDays: z.int().min(1).max(366).default(365),
});

const kuraIdentitySchema = z.strictObject({
	enabled: z.boolean().default(false),
	/** A holder of `rest.identity` may make administrators, and change them, as with Kura. */
	mayGrantAdmin: z.boolean().default(false),
});

/** Kura's Token JWT V1. */
const kuraTokensSchema = z.strictObject({
	enabled: z.boolean().default(false),
	/** `iss` of access tokens. */
	issuer: z
		.string()
		.regex(/^[!-~]{1,255}$/, 'must be 1 to 255 ASCII characters without spaces')
		.default('kura'),
	/** PEM file with an RSA key of 2048 bits or more. Absent: one that is made at the first start, and kept beside identities. */
	keyFile: z.string().min(1).optional(),
	/** Seconds, both. */
	accessTokenLifetime: z.int().min(1).max(3600).default(60),
	refreshTokenLifetime: z.int().min(1).max(86_400).default(900),
});

const insightsSchema = z.strictObject({ enabled: z.boolean().default(false) });

export const dialectsSchema = z.strictObject({
	kismet: kismetSchema.prefault({}),
	insights: insightsSchema.prefault({}),
	kuraIdentity: kuraIdentitySchema.prefault({}),
	kuraTokens: kuraTokensSchema.prefault({}),
});

function isPassword(text: string): boolean {
	return Buffer.byteLength(text) <= 1024 && text.isWellFormed() && !text.includes('\0');
}
