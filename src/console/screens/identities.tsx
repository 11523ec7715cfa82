import { useRef, useState } from 'preact/hooks';
import { useLoaded } from '../desk.ts';
import { hrefOf } from '../page.ts';
import { Badges } from '../parts/badges.tsx';
import { Act } from '../parts/button.tsx';
import { Loading } from '../parts/loading.tsx';
import { Ago } from '../parts/time.tsx';
import { Title } from '../parts/title.tsx';
import { useRested } from '../rested.ts';
import { identities as findIdentities, type Identity, type IdentityPage } from '../session-v1.ts';
import { useWords, type Words } from '../words/words.ts';
import { everybody, Filters, queryOf, type Wanted } from './identity-filters.tsx';
import { type Selection, SelectionBar } from './selection.tsx';

/** As many as stand below each other. */
const perPage = 100;
/** So many are looked through at a glance. */
const few = 8;
/** Milliseconds without a keystroke before the service is asked. */
const restMs = 250;

/** Who may sign in. For administrators. */
export function Identities({ me }: { me: string }) {
	const { identities } = useWords();
	const [wanted, setWanted] = useState(everybody);
	/** Where the pages begin that lead to this one; the first one begins nowhere. */
	const [cursors, setCursors] = useState<readonly string[]>([]);
	const typed = useRested(wanted, restMs);
	const place = useRef<HTMLElement>(null);
	const query = queryOf(typed, perPage, cursors.at(-1));
	const loaded = useLoaded(`identities ${query}`, () => findIdentities(query));
	/** What was there stays until the next is: a list that comes and goes with each letter cannot be read. */
	const before = useRef<IdentityPage>(undefined);
	if (loaded.value) before.current = loaded.value;
	const page = before.current;
	const [selection, setSelection] = useState<Selection>(new Set());
	const hasMany = useRef(false);
	hasMany.current ||= page !== undefined && (page.identities.length > few || page.next !== undefined);

	function change(next: Partial<Wanted>) {
		setWanted({ ...wanted, ...next });
		setSelection(new Set());
		setCursors([]);
	}
	function toggle(name: string, isChecked: boolean) {
		const next = new Set(selection);
		if (isChecked) next.add(name);
		else next.delete(name);
		setSelection(next);
	}
	function turnTo(pages: readonly string[]) {
		setCursors(pages);
		place.current?.focus();
	}

	return (
		<>
			<div class="heading">
				<Title name={identities.title} />
				<a class="button primary" href={hrefOf({ at: 'new-identity' })}>
					{identities.new}
				</a>
			</div>
			<p class="lead">{identities.lead}</p>
			{hasMany.current && <Filters wanted={wanted} onWanted={change} />}
			<Loading loaded={{ ...loaded, value: page }} />
			{page && (
				<section
					class="card list"
					aria-label={identities.found}
					aria-busy={loaded.value === undefined}
					ref={place}
					tabIndex={-1}
				>
					<p class="unseen" role="status">
						{loaded.value && counted(identities, page)}
					</p>
					{page.identities.length === 0 && <p class="empty">{identities.none}</p>}
					{page.identities.length > 0 && (
						<SelectionBar
							selection={selection}
							names={page.identities.map(({ name }) => name)}
							hasMore={cursors.length > 0 || page.next !== undefined}
							me={me}
							queryOfAll={(limit, cursor) => queryOf(typed, limit, cursor)}
							onSelect={setSelection}
							onDone={async () => {
								setCursors([]);
								await loaded.reload();
							}}
						/>
					)}
					<ul class="rows">
						{page.identities.map((identity) => (
							<Row
								key={identity.name}
								identity={identity}
								isMe={identity.name === me}
								isSelected={selection.has(identity.name)}
								onSelected={(isChecked) => toggle(identity.name, isChecked)}
							/>
						))}
					</ul>
				</section>
			)}
			{page && (cursors.length > 0 || page.next !== undefined) && (
				<nav class="pager" aria-label={identities.pages}>
					{cursors.length > 0 && <Act onAct={() => turnTo(cursors.slice(0, -1))}>{identities.previous}</Act>}
					<span>{identities.page(cursors.length + 1)}</span>
					{page.next !== undefined && <Act onAct={() => turnTo([...cursors, page.next ?? ''])}>{identities.next}</Act>}
				</nav>
			)}
		</>
	);
}

function counted(words: Words['identities'], { identities: { length }, next }: IdentityPage): string {
	return next === undefined ? words.counted(length) : words.countedAndMore(length);
}

/** One that holds more is told by its number. */
const mostShown = 6;

function Row({
	identity,
	isMe,
	isSelected,
	onSelected,
}: {
	identity: Identity;
	isMe: boolean;
	isSelected: boolean;
	onSelected(isChecked: boolean): void;
}) {
	const { common, identities, several } = useWords();
	const { name, permissions, lastSignInAt } = identity;
	return (
		<li class="row opens">
			<input
				type="checkbox"
				class="pick"
				aria-label={several.select(name)}
				checked={isSelected}
				onChange={({ currentTarget }) => onSelected(currentTarget.checked)}
			/>
			<div class="what">
				<p class="name">
					<a href={hrefOf({ at: 'identity', name })}>{name}</a>
					{isMe && <span class="badge good">{common.you}</span>}
					<Badges identity={identity} />
				</p>
				<p class="facts">
					{permissions.length === 0 && <span>{identities.noPermissions}</span>}
					{permissions.slice(0, mostShown).map((permission) => (
						<code key={permission}>{permission}</code>
					))}
					{permissions.length > mostShown && <span>{identities.more(permissions.length - mostShown)}</span>}
				</p>
			</div>
			<p class="when">
				{lastSignInAt === undefined ? identities.neverSignedIn : identities.signedIn(<Ago at={lastSignInAt} />)}
			</p>
		</li>
	);
}
