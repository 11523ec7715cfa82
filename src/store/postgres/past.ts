import { createClock } from '../../core/clock.ts';
import { newestStepAt } from '../../core/totp.ts';
import { allLetter, channel } from './follower.ts';
import type { Run } from './pool.ts';

/** 24 random bytes in base64url, as every stamp: of a UUID and a half. */
const freshStamp = `translate(encode(decode(replace(gen_random_uuid()::text, '-', '')
	|| left(replace(gen_random_uuid()::text, '-', ''), 16), 'hex'), 'base64'), '+/', '-_')`;

/**
 * Ends what a database of the past would open, as SQLite's `endPast`: sessions, since credential stamps are fresh; invitations;
 * codes of second factors; and API tokens, since one that was ended since stands there as alive. In a transaction.
 */
export async function endPast(run: Run): Promise<void> {
	const now = createClock().now();
	await run(`UPDATE latchkey.identity SET credential_stamp = ${freshStamp}`);
	await run('DELETE FROM latchkey.invitation');
	await run('UPDATE latchkey.authenticator SET last_step = $1::bigint WHERE last_step < $1::bigint', [
		newestStepAt(now),
	]);
	await run('UPDATE latchkey.recovery_code SET used_at = $1 WHERE used_at IS NULL', [now]);
	await run('UPDATE latchkey.api_token SET ended_at = $1 WHERE ended_at IS NULL', [now]);
	await run('SELECT pg_notify($1, $2)', [channel, allLetter]);
}
