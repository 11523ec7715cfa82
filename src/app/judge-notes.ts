import { StoreUnavailable } from '../core/stores.ts';
import type { Stores } from './store-types.ts';

/** Nobody is served from a store that was moved away, or to which a move is under way: what ended there would come back. */
export async function judgeNotes({ notes, identities, sessions }: Stores): Promise<void> {
	try {
		const movedOn = await notes.find('moved');
		if (movedOn !== undefined)
			throw new Error(
				`store.identities: was moved to another store on ${movedOn}: configure that one, or latchkey store reopen, which ends all sessions of this one`,
			);
		if ((await notes.find('arriving')) !== undefined)
			throw new Error('store.identities: a move to this store is not over: run latchkey store move again');
	} catch (fault) {
		// One that is away is waited for elsewhere.
		if (fault instanceof StoreUnavailable) return;
		await sessions.close();
		await identities.close();
		throw fault;
	}
}
