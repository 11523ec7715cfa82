import type { Stores } from '../app/store-types.ts';
import { patiently } from './patience.ts';

/** Those that were made. That somebody holds one moves with who holds it. */
export async function movePermissions(from: Stores, to: Stores): Promise<void> {
	const { made } = await patiently(() => from.identities.permissions.find());
	for (const permission of made) await patiently(() => to.identities.permissions.make(permission));
}
