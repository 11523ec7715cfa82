import type { ApiTokenId } from '../core/api-token.ts';
import type { SignIns } from '../core/identity-page.ts';
import type { ApiTokenUse } from '../core/stores.ts';
import { createWriteBehind, type WriteBehind } from '../core/write-behind.ts';
import type { Log } from '../observability/log.ts';
import type { Stores } from './store-types.ts';

/** What is written to stores some time after it happened. */
export interface WriteBehinds {
	readonly uses: WriteBehind<ApiTokenId, ApiTokenUse>;
	readonly signIns: SignIns;
	stop(): Promise<void>;
}

export function openWriteBehinds({ apiTokens, identities }: Stores, log: Log): WriteBehinds {
	const onFault = (what: string) => (cause: unknown) =>
		log.warn({ cause }, `${what} could not be written; it will be tried again`);
	const uses: WriteBehinds['uses'] = createWriteBehind({
		write: apiTokens.touch,
		atOf: ({ at }) => at,
		onFault: onFault('uses of tokens'),
	});
	const signIns: SignIns = createWriteBehind({
		write: identities.touch,
		atOf: (at) => at,
		onFault: onFault('times of sign-ins'),
	});
	return {
		uses,
		signIns,
		async stop() {
			await uses.stop();
			await signIns.stop();
		},
	};
}
