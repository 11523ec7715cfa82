import { useId } from 'preact/hooks';
import { useLoaded } from '../desk.ts';
import { Amiss } from '../problem.ts';
import { type KnownPermission, knownPermissions } from '../session-v1.ts';
import { type Say, useWords } from '../words/words.ts';
import { Field } from './field.tsx';
import { misshapen, parsePermissions } from './permissions-field.tsx';
import { placeOf } from './rule-text.ts';

export const adminPermission = 'kura.admin';

/** What is ticked, and what is typed besides. */
export interface Chosen {
	readonly ticked: readonly string[];
	readonly typed: string;
}

export const noneChosen: Chosen = { ticked: [], typed: '' };

export function permissionsOf({ ticked, typed }: Chosen): readonly string[] {
	return [...new Set([...ticked, ...parsePermissions(typed)])].sort();
}

/** The same, where each can be one; throws `Amiss` beside the field. */
export function wellFormed(chosen: Chosen): readonly string[] {
	const wanted = permissionsOf(chosen);
	const wrong = misshapen(wanted);
	if (wrong === undefined) return wanted;
	throw new Amiss(({ problems }) => problems.notAPermission(wrong), 'permissions');
}

/** Those that rules name, those that are defined, and what the identity holds besides: a word of somebody else's is no advice. */
function offered(known: readonly KnownPermission[], held: readonly string[]): readonly KnownPermission[] {
	const advised = known.filter(
		({ permission, opens, defined }) => permission === adminPermission || opens.length > 0 || defined,
	);
	const names = new Set(advised.map(({ permission }) => permission));
	const others = held.filter((permission) => !names.has(permission));
	return [...advised, ...others.map((permission) => ({ permission, defined: false, held: true, opens: [] }))];
}

/** Rules that are told of one permission. */
const mostRules = 3;

/** Permissions to be ticked, each with what it opens; others can be typed. `held`: what the identity holds now. */
export function PermissionChoice({
	label,
	held = [],
	value,
	onValue,
	error,
}: {
	label: string;
	held?: readonly string[];
	value: Chosen;
	onValue(value: Chosen): void;
	error?: Say | undefined;
}) {
	const id = useId();
	const { permissions } = useWords();
	const { value: loaded, problem } = useLoaded('permissions', knownPermissions);
	const known = loaded?.permissions ?? [];
	const isReady = loaded !== undefined || problem !== undefined;
	const named = new Set(offered(known, []).map(({ permission }) => permission));
	const unknown = parsePermissions(value.typed).filter((permission) => isReady && !named.has(permission));

	function tick(permission: string, isTicked: boolean) {
		const others = value.ticked.filter((each) => each !== permission);
		onValue({ ...value, ticked: isTicked ? [...others, permission] : others });
	}

	return (
		<fieldset class="permissions">
			<legend>{label}</legend>
			<ul>
				{offered(known, [...new Set([...held, ...value.ticked])]).map((each) => (
					<li key={each.permission}>
						<label class="check">
							<input
								type="checkbox"
								checked={value.ticked.includes(each.permission)}
								aria-describedby={`${id}-${each.permission}`}
								onChange={({ currentTarget }) => tick(each.permission, currentTarget.checked)}
							/>
							<code>{each.permission}</code>
						</label>
						<Opened id={`${id}-${each.permission}`} known={each} />
					</li>
				))}
			</ul>
			<Field
				label={permissions.others}
				value={value.typed}
				onValue={(typed) => onValue({ ...value, typed })}
				autocomplete="off"
				error={error}
				hint={permissions.othersHint}
			/>
			<p class="warning" role="status">
				{unknown.length > 0 && permissions.unknown(unknown.join(', '))}
			</p>
		</fieldset>
	);
}

function Opened({ id, known: { permission, defined, opens } }: { id: string; known: KnownPermission }) {
	const { permissions, rules } = useWords();
	if (permission === adminPermission) {
		return (
			<p class="hint" id={id}>
				{permissions.admin}
			</p>
		);
	}
	if (opens.length === 0) {
		return (
			<p class={defined ? 'hint' : 'hint warning'} id={id}>
				{permissions.unnamed}
			</p>
		);
	}
	const places = [...new Set(opens.map((rule) => placeOf(rules, rule)))];
	const more = places.length - mostRules;
	return (
		<div class="hint" id={id}>
			{places.slice(0, mostRules).map((place) => (
				<p key={place}>{place}</p>
			))}
			{more > 0 && <p>{permissions.more(more)}</p>}
		</div>
	);
}
