import { useState } from 'preact/hooks';
import { Submit } from '../parts/button.tsx';
import { Choice } from '../parts/choice.tsx';
import { Field } from '../parts/field.tsx';
import { useWords } from '../words/words.ts';

const outcomes = ['', 'ok', 'refused'] as const;

/** Those that are looked for most; others can be typed. */
const acts = [
	...['login', 'logout', 'proof', 'session-end', 'session-stolen', 'access', 'password-change', 'password-reset'],
	...['identity-add', 'identity-remove', 'identity-rename', 'identity-disable', 'identity-enable'],
	...['permission-grant', 'permission-revoke', 'authenticator-add', 'authenticator-reset', 'token-add', 'token-end'],
	...['invitation-add', 'invitation-use', 'rules-change', 'audit-read', 'audit-export'],
];

const nothing = { person: '', act: '', outcome: '', address: '', from: '', to: '' } as const;
type Wanted = Record<keyof typeof nothing, string>;

/** Sent as a whole: each look at the audit stands in it. */
export function AuditFilters({ onAsked }: { onAsked(query: string): void }) {
	const { audit } = useWords();
	const [wanted, setWanted] = useState<Wanted>(nothing);
	const change = (next: Partial<Wanted>) => setWanted({ ...wanted, ...next });
	return (
		<search>
			<form
				onSubmit={(event) => {
					event.preventDefault();
					onAsked(toQuery(wanted));
				}}
			>
				<div class="filters">
					<Field
						label={audit.person}
						type="search"
						value={wanted.person}
						onValue={(person) => change({ person })}
						maxLength={256}
					/>
					<datalist id="acts">
						{acts.map((act) => (
							<option key={act} value={act} />
						))}
					</datalist>
					<Field
						label={audit.act}
						type="search"
						list="acts"
						value={wanted.act}
						onValue={(act) => change({ act })}
						maxLength={64}
					/>
					<Choice
						label={audit.outcome}
						value={wanted.outcome as (typeof outcomes)[number]}
						of={outcomes}
						names={audit.outcomes}
						onValue={(outcome) => change({ outcome })}
					/>
					<Field
						label={audit.address}
						type="search"
						value={wanted.address}
						onValue={(address) => change({ address })}
						maxLength={46}
					/>
					<Field label={audit.from} type="datetime-local" value={wanted.from} onValue={(from) => change({ from })} />
					<Field label={audit.to} type="datetime-local" value={wanted.to} onValue={(to) => change({ to })} />
				</div>
				<Submit request={{ busy: false, waitSeconds: 0 }}>{audit.search}</Submit>
			</form>
		</search>
	);
}

/** Times are those of the browser's clock. */
function toQuery({ from, to, ...others }: Wanted): string {
	const query = new URLSearchParams();
	for (const [name, value] of Object.entries(others)) if (value.trim() !== '') query.set(name, value.trim());
	for (const [name, value] of Object.entries({ from, to })) {
		if (value !== '') query.set(name, new Date(value).toISOString());
	}
	return query.toString();
}
