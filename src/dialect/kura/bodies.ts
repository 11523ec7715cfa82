import { z } from 'zod';
import type { Identity } from '../../core/identity.ts';
import { parseIdentityName } from '../../core/identity.ts';
import { parsePassword } from '../../core/password.ts';

/*
 * Kura's words on the wire, and ours behind them. What comes in is typed and in its one form when it leaves here.
 */

/** A user name in its canonical form; 400 where it cannot be one. */
export const identityName = z.string().transform((text, found) => {
	const name = parseIdentityName(text);
	if (name !== undefined) return name;
	found.addIssue({ code: 'custom', message: 'cannot be a user name' });
	return z.NEVER;
});

/** A password, normalised; 400 where it cannot be one, for every name alike and before any is looked up. */
export const password = z.string().transform((text, found) => {
	const parsed = parsePassword(text);
	if (parsed !== undefined) return parsed;
	found.addIssue({ code: 'custom', message: 'cannot be a password' });
	return z.NEVER;
});

export const usernamePassword = z.object({ username: identityName, password });

export const passwordChangeRequest = z.object({ currentPassword: password, newPassword: password });

export function toCurrentIdentity({ name, passwordChangeNeeded, permissions }: Identity) {
	return { name, passwordChangeNeeded, permissions: [...permissions].sort() };
}
