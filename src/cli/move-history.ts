import type { Stores } from '../app/store-types.ts';
import { historyLimits } from '../core/history.ts';
import { say } from './output.ts';
import { patiently } from './patience.ts';

/** Of identities that have none there, by their names: those that differ are other people. */
export async function moveHistory(from: Stores, to: Stores): Promise<void> {
	let moved = 0;
	for (const { id, name } of await patiently(() => from.identities.list())) {
		const events = await patiently(() => from.history.list(id, historyLimits.all));
		if (events.length === 0 || (await patiently(() => to.identities.find(id)))?.name !== name) continue;
		if ((await patiently(() => to.history.list(id, 1))).length > 0) continue;
		await patiently(() => to.history.write(events.toReversed().map((event) => ({ ...event, identity: name }))));
		moved += 1;
	}
	if (moved > 0) say(`the history of ${moved === 1 ? '1 identity' : `${moved} identities`} moved`);
}
