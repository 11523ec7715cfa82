import type { Stores } from '../app/store-types.ts';
import { counted, say } from './output.ts';
import { patiently } from './patience.ts';

/** Of an identity; older lines of its history stay where they are, as does what of the audit is in no history. */
const mostMoved = 1000;

/** Of identities that have none there, by their names: those that differ are other people. */
export async function moveHistory(from: Stores, to: Stores): Promise<void> {
	let moved = 0;
	for (const { id, name } of await patiently(() => from.identities.list())) {
		const rows = await patiently(() => from.auditTable.ofIdentity(id, mostMoved));
		if (rows.length === 0 || (await patiently(() => to.identities.find(id)))?.name !== name) continue;
		if ((await patiently(() => to.auditTable.ofIdentity(id, 1))).length > 0) continue;
		const toNew = ({ at, id: _, ...event }: (typeof rows)[number]) => ({ at, event, owner: name });
		await patiently(() => to.auditTable.write(rows.toReversed().map(toNew)));
		moved += 1;
	}
	if (moved > 0) say(`the history of ${counted(moved, 'identity')} moved`);
}
