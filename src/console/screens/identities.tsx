import { useRef, useState } from 'preact/hooks';
import { useLoaded } from '../desk.ts';
import { hrefOf } from '../page.ts';
import { Badges } from '../parts/badges.tsx';
import { Act } from '../parts/button.tsx';
import { Loading } from '../parts/loading.tsx';
import { Ago } from '../parts/time.tsx';
import { Title } from '../parts/title.tsx';
import { useRested } from '../rested.ts';
import { type Identity, type IdentityPage, identities } from '../session-v1.ts';
import { everybody, Filters, queryOf, type Wanted } from './identity-filters.tsx';

/** As many as stand below each other. */
const perPage = 100;
/** So many are looked through at a glance. */
const few = 8;
/** Milliseconds without a keystroke before the service is asked. */
const restMs = 250;

/** Who may sign in. For administrators. */
export function Identities({ me }: { me: string }) {
	const [wanted, setWanted] = useState(everybody);
	/** Where the pages begin that lead to this one; the first one begins nowhere. */
	const [cursors, setCursors] = useState<readonly string[]>([]);
	const typed = useRested(wanted, restMs);
	const place = useRef<HTMLElement>(null);
	const query = queryOf(typed, perPage, cursors.at(-1));
	const loaded = useLoaded(`identities ${query}`, () => identities(query));
	/** What was there stays until the next is: a list that comes and goes with each letter cannot be read. */
	const before = useRef<IdentityPage>(undefined);
	if (loaded.value) before.current = loaded.value;
	const page = before.current;
	const hasMany = useRef(false);
	hasMany.current ||= page !== undefined && (page.identities.length > few || page.next !== undefined);

	function change(next: Partial<Wanted>) {
		setWanted({ ...wanted, ...next });
		setCursors([]);
	}
	function turnTo(pages: readonly string[]) {
		setCursors(pages);
		place.current?.focus();
	}

	return (
		<>
			<div class="heading">
				<Title name="Identities" />
				<a class="button primary" href={hrefOf({ at: 'new-identity' })}>
					New identity
				</a>
			</div>
			<p class="lead">Who may sign in, people and programs, and what each may open.</p>
			{hasMany.current && <Filters wanted={wanted} onWanted={change} />}
			<Loading loaded={{ ...loaded, value: page }} />
			{page && (
				<section
					class="card list"
					aria-label="Identities found"
					aria-busy={loaded.value === undefined}
					ref={place}
					tabIndex={-1}
				>
					<p class="unseen" role="status">
						{loaded.value && counted(page)}
					</p>
					{page.identities.length === 0 && <p class="empty">No identity is like that.</p>}
					<ul class="rows">
						{page.identities.map((identity) => (
							<Row key={identity.name} identity={identity} isMe={identity.name === me} />
						))}
					</ul>
				</section>
			)}
			{page && (cursors.length > 0 || page.next !== undefined) && (
				<nav class="pager" aria-label="Pages">
					{cursors.length > 0 && <Act onAct={() => turnTo(cursors.slice(0, -1))}>Previous page</Act>}
					<span>Page {cursors.length + 1}</span>
					{page.next !== undefined && <Act onAct={() => turnTo([...cursors, page.next ?? ''])}>Next page</Act>}
				</nav>
			)}
		</>
	);
}

function counted({ identities: { length }, next }: IdentityPage): string {
	return `${length === 1 ? '1 identity' : `${length} identities`}${next === undefined ? '' : ', and more on the next page'}`;
}

/** One that holds more is told by its number. */
const mostShown = 6;

function Row({ identity, isMe }: { identity: Identity; isMe: boolean }) {
	const { name, permissions, lastSignInAt } = identity;
	return (
		<li class="row opens">
			<div class="what">
				<p class="name">
					<a href={hrefOf({ at: 'identity', name })}>{name}</a>
					{isMe && <span class="badge good">You</span>}
					<Badges identity={identity} />
				</p>
				<p class="facts">
					{permissions.length === 0 && <span>No permissions</span>}
					{permissions.slice(0, mostShown).map((permission) => (
						<code key={permission}>{permission}</code>
					))}
					{permissions.length > mostShown && <span>and {permissions.length - mostShown} more</span>}
				</p>
			</div>
			<p class="when">
				{lastSignInAt === undefined ? (
					'Never signed in'
				) : (
					<>
						Signed in <Ago at={lastSignInAt} />
					</>
				)}
			</p>
		</li>
	);
}
