import { z } from 'zod';
import type { Authenticator } from '../../core/authenticator.ts';
import { parseRecoveryCode } from '../../core/recovery-codes.ts';
import { parseTotpCode } from '../../core/totp.ts';
import { authenticatorName, parsed, password } from './bodies.ts';
import { passkeyAssertion } from './passkey-bodies.ts';

/* What comes in and goes out of second factors. */

const totpCode = parsed(parseTotpCode, 'must be six digits');
const recoveryCode = parsed(parseRecoveryCode, 'must be 16 letters and digits from 2 to 7');

export const totpCodeRequest = z.object({ code: totpCode });
export const recoveryCodeRequest = z.object({ code: recoveryCode });
export const newAuthenticator = z.object({ name: authenticatorName });
export const authenticatorChange = z.object({ name: authenticatorName });

/** Ours. A certificate is shown, and nothing is sent. */
export const proofRequest = z
	.object({
		password: password.optional(),
		code: totpCode.optional(),
		recoveryCode: recoveryCode.optional(),
		credential: passkeyAssertion.optional(),
	})
	.refine((body) => Object.values(body).filter((one) => one !== undefined).length === 1, 'one proof must be there');

/** A passkey is one to people, whatever the standard calls it. */
export function toAuthenticator(authenticator: Authenticator) {
	const { id, kind, name, createdAt, lastUsedAt, disabledAt } = authenticator;
	return {
		...{ id, name },
		kind: kind === 'totp' ? 'totp' : 'passkey',
		createdAt: new Date(createdAt).toISOString(),
		...(lastUsedAt !== undefined && { lastUsedAt: new Date(lastUsedAt).toISOString() }),
		...(authenticator.kind === 'webauthn' && { backedUp: authenticator.backedUp }),
		...(disabledAt !== undefined && { disabledAt: new Date(disabledAt).toISOString() }),
	};
}
