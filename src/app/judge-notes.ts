import type { NoteStore } from '../core/stores.ts';
import { StoreUnavailable } from '../core/stores.ts';
import type { Stores } from './store-types.ts';

/** Milliseconds between two looks while it serves. */
const lookEveryMs = 5000;

/**
 * Why nobody is to be served from a store: it was moved away, or a move to it is under way. What ended there would come back.
 * `undefined`: nothing stands against it.
 */
async function objectionTo(notes: NoteStore): Promise<string | undefined> {
	const movedOn = await notes.find('moved');
	if (movedOn !== undefined)
		return `store.identities: was moved to another store on ${movedOn}: configure that one, or latchkey store reopen, which ends all sessions of this one`;
	return (await notes.find('arriving')) === undefined
		? undefined
		: 'store.identities: a move to this store is not over: run latchkey store move again';
}

/** Before anybody is served. Throws the objection. */
export async function judgeNotes({ notes, identities, sessions }: Stores): Promise<void> {
	try {
		const objection = await objectionTo(notes);
		if (objection !== undefined) throw new Error(objection);
	} catch (fault) {
		// One that is away is waited for elsewhere.
		if (fault instanceof StoreUnavailable) return;
		await sessions.close();
		await identities.close();
		throw fault;
	}
}

/** While somebody is served. `tell` hears the objection, once. Returns how to stop. */
export function followNotes(notes: NoteStore, tell: (objection: string) => void): () => void {
	const look = async () => {
		// One that is away has told so elsewhere.
		const objection = await objectionTo(notes).catch(() => undefined);
		if (objection === undefined || stopped) return;
		stop();
		tell(objection);
	};
	let stopped = false;
	const timer = setInterval(() => void look(), lookEveryMs).unref();
	const stop = () => {
		stopped = true;
		clearInterval(timer);
	};
	return stop;
}
