import type { IdentityName, Permission } from '../../src/core/identity.ts';
import type { TestService } from './service.ts';

/** Adds `count` identities without a password at once: `person-00000`, each with two permissions. */
export async function fillWithPeople({ service }: TestService, count: number): Promise<void> {
	const permissions = ['rest.assets', 'rest.configuration'] as Permission[];
	const people = Array.from({ length: count }, (_, nth) => ({
		name: `person-${String(nth).padStart(5, '0')}` as IdentityName,
		permissions,
		passwordChangeNeeded: false,
		policy: false,
	}));
	const added = await service.core.identities.addAll(people, { actor: 'operator' });
	const refused = added.find((each) => !each.ok);
	if (refused) throw new Error('somebody was not added');
}
