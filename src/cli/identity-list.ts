import type { Identity } from '../core/identity.ts';
import { eachIdentity } from '../core/identity-page.ts';
import type { IdentityOrder, IdentityState } from '../core/identity-query.ts';
import { type Common, permissionOf } from './identity.ts';
import { columns, toJson, toRow } from './identity-rows.ts';
import { print, printJson, say, table } from './output.ts';
import { withCore } from './settings.ts';

export interface ListOptions extends Common {
	readonly search?: string;
	readonly permission?: string;
	readonly state?: IdentityState;
	readonly sort?: IdentityOrder;
}

/** As many as are read at once. */
const perPage = 200;

export async function listIdentities(options: ListOptions): Promise<void> {
	const { search, permission, state, sort: order = 'name' } = options;
	const filter = { search, permission: permission === undefined ? undefined : permissionOf(permission), state };
	await withCore(options.config, async ({ identities }) => {
		const query = { ...filter, order, descending: false, limit: perPage };
		const found: Identity[] = [];
		for await (const each of eachIdentity(identities, query)) found.push(each);
		const isFiltered = Object.values(filter).some((each) => each !== undefined);
		if (options.json) printJson(found.map(toJson));
		else if (found.length === 0) say(isFiltered ? 'no identity is like that' : 'there are no identities yet');
		else print(table(columns, found.map(toRow)));
	});
}
