import { z } from 'zod';
import { permission } from './gateway.ts';

/** 32 bytes in base64, base64url or hex; several with space between them: the first seals, all unseal. */
const sealingKeys = /^\s*([0-9a-f]{64}|[\w+/-]{43}=?)(\s+([0-9a-f]{64}|[\w+/-]{43}=?))*\s*$/i;

export const secondFactorSchema = z.strictObject({
	/** Who must have a second factor: a login without one opens a session that can do nothing but set one up. `admins`: holders of `kura.admin`. */
	required: z.enum(['nobody', 'admins', 'everybody']).default('nobody'),
	/** Holders of one of these must, too. */
	requiredFor: z.array(permission).default([]),
	/** Seals TOTP secrets. Absent: a file beside the SQLite database, made when it is needed; with PostgreSQL there is no TOTP then. */
	sealingKey: z
		.string()
		.regex(sealingKeys, 'must be 32 bytes in base64 or hex, as `openssl rand -base64 32` makes them')
		.optional(),
	/** What apps and passkeys call this service. Absent: `portal.title`, else the host of `portal.url`, else Latchkey. */
	issuer: z
		.string()
		.regex(/^(?! )[^:\p{C}]{1,64}(?<! )$/u, 'must be 1 to 64 printable characters without a colon')
		.optional(),
});
