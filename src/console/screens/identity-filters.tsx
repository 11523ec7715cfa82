import { useLoaded } from '../desk.ts';
import { Choice } from '../parts/choice.tsx';
import { Field } from '../parts/field.tsx';
import { knownPermissions } from '../session-v1.ts';
import { useWords } from '../words/words.ts';

const states = [
	'',
	'disabled',
	'must-change-password',
	'certificate-only',
	'second-factor',
	'no-second-factor',
] as const;

const sorts = ['name', '-last-sign-in', 'last-sign-in', '-created', 'created'] as const;

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
	const { identities } = useWords();
	const loaded = useLoaded('permissions', knownPermissions);
	return (
		<search class="filters">
			<Field
				label={identities.find}
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
				label={identities.permission}
				type="search"
				list="permissions"
				value={wanted.permission}
				onValue={(permission) => onWanted({ permission })}
				maxLength={128}
			/>
			<Choice
				label={identities.show}
				value={wanted.state}
				of={states}
				names={identities.states}
				onValue={(state) => onWanted({ state })}
			/>
			<Choice
				label={identities.order}
				value={wanted.sort}
				of={sorts}
				names={identities.sorts}
				onValue={(sort) => onWanted({ sort })}
			/>
		</search>
	);
}
