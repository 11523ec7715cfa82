import { z } from 'zod';
import type { Person } from './person.ts';
import { parseStrictly } from './strict-json.ts';

/** What `latchkey identity export` prints. Times are ISO 8601. */
export const ownFormat = 'latchkey-identities';

const person = z.strictObject({
	name: z.string(),
	permissions: z.array(z.string()).default([]),
	verifier: z.string().optional(),
	passwordChangeNeeded: z.boolean().optional(),
	disabled: z.boolean().optional(),
	service: z.boolean().optional(),
	expiresAt: z.iso.datetime().optional(),
});

const shape = z.strictObject({ format: z.literal(ownFormat), version: z.literal(1), identities: z.array(person) });

export type OwnFormat = z.input<typeof shape>;

export function readOwnJson(text: string): readonly Person[] {
	return parseStrictly(text, shape, 'it').identities.map(({ passwordChangeNeeded: mustChange, ...each }) => ({
		...each,
		mustChange,
	}));
}
