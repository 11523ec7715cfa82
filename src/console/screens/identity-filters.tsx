import { useLoaded } from '../desk.ts';
import { Choice } from '../parts/choice.tsx';
import { Field } from '../parts/field.tsx';
import { knownPermissions } from '../session-v1.ts';

const states = [
	'',
	'disabled',
	'must-change-password',
	'certificate-only',
	'second-factor',
	'no-second-factor',
] as const;
const stateNames = {
	'': 'Everybody',
	disabled: 'Disabled',
	'must-change-password': 'Must change the password',
	'certificate-only': 'Certificate only',
	'second-factor': 'With a second factor',
	'no-second-factor': 'By password alone',
} as const;

const sorts = ['name', '-last-sign-in', 'last-sign-in', '-created', 'created'] as const;
const sortNames = {
	name: 'Name',
	'-last-sign-in': 'Signed in last',
	'last-sign-in': 'Longest not signed in',
	'-created': 'Newest',
	created: 'Oldest',
} as const;

/** What a list of identities is narrowed to, and its order. `-`: from the last to the first. */
export interface Wanted {
	readonly search: string;
	readonly permission: string;
	readonly state: (typeof states)[number];
	readonly sort: (typeof sorts)[number];
}

export const everybody: Wanted = { search: '', permission: '', state: '', sort: 'name' };

/** As the service is asked. */
export function queryOf({ search, permission, state, sort }: Wanted, limit: number, cursor = ''): string {
	const query = new URLSearchParams({ limit: String(limit), sort: sort.replace('-', '') });
	query.set('order', sort.startsWith('-') ? 'descending' : 'ascending');
	const given = { search: search.trim(), permission: permission.trim(), state, cursor };
	for (const [name, value] of Object.entries(given)) if (value !== '') query.set(name, value);
	return query.toString();
}

export function Filters({ wanted, onWanted }: { wanted: Wanted; onWanted(next: Partial<Wanted>): void }) {
	const loaded = useLoaded('permissions', knownPermissions);
	return (
		<search class="filters">
			<Field
				label="Find a name"
				type="search"
				value={wanted.search}
				onValue={(search) => onWanted({ search })}
				maxLength={256}
			/>
			<datalist id="permissions">
				{loaded.value?.permissions.map(({ permission }) => (
					<option key={permission} value={permission} />
				))}
			</datalist>
			<Field
				label="Permission"
				type="search"
				list="permissions"
				value={wanted.permission}
				onValue={(permission) => onWanted({ permission })}
				maxLength={128}
			/>
			<Choice
				label="Show"
				value={wanted.state}
				of={states}
				names={stateNames}
				onValue={(state) => onWanted({ state })}
			/>
			<Choice label="Order" value={wanted.sort} of={sorts} names={sortNames} onValue={(sort) => onWanted({ sort })} />
		</search>
	);
}
