import { createLatchkeyClient, Refused, SessionOver, Unreachable } from 'latchkey/client';

/** At the page's own origin, unless the build names another one: `VITE_LATCHKEY_URL=https://login.example.org`. */
export const latchkey = createLatchkeyClient({ baseUrl: import.meta.env.VITE_LATCHKEY_URL });

/** What a person is told of a fault. */
export function wordsOf(fault: unknown): string {
	if (fault instanceof SessionOver) return 'The session has ended.';
	if (fault instanceof Unreachable) return 'That did not reach the service.';
	if (!(fault instanceof Refused)) throw fault;
	if (fault.code === 'bad-credentials') return 'The name or the password is wrong.';
	if (fault.code === 'wrong-code') return 'The code is wrong.';
	return fault.retryAfter === undefined ? fault.message : `${fault.message} (in ${fault.retryAfter} seconds)`;
}

/** Something that only some may have. */
export async function treasure(): Promise<string> {
	return (await latchkey.send('/services/assets/v1')).text();
}
