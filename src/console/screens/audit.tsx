import { useRef, useState } from 'preact/hooks';
import { type AuditEvent, type AuditPage, findAudit, takeAudit } from '../audit-v1.ts';
import { useLoaded, useRequest } from '../desk.ts';
import { Act } from '../parts/button.tsx';
import { Loading } from '../parts/loading.tsx';
import { ProblemText } from '../parts/problem-text.tsx';
import { deviceIn } from '../parts/session-list.tsx';
import { Ago } from '../parts/time.tsx';
import { Title } from '../parts/title.tsx';
import { useWords } from '../words/words.ts';
import { AuditFilters } from './audit-filters.tsx';

const perPage = '100';

/** Who did what. For administrators. What was done goes by the names that the log has. */
export function Audit() {
	const { audit } = useWords();
	/** The query of the filters that were sent. */
	const [asked, setAsked] = useState('');
	const loaded = useLoaded(`audit ${asked}`, () => findAudit(queryOf(asked)));
	return (
		<>
			<Title name={audit.title} />
			<p class="lead">{audit.lead}</p>
			<AuditFilters onAsked={setAsked} />
			<Loading loaded={loaded} />
			{loaded.value && <Found key={asked} asked={asked} first={loaded.value} />}
		</>
	);
}

function queryOf(asked: string, more: Readonly<Record<string, string>> = { limit: perPage }): string {
	const query = new URLSearchParams(asked);
	for (const [name, value] of Object.entries(more)) query.set(name, value);
	return query.toString();
}

function Found({ asked, first }: { asked: string; first: AuditPage }) {
	const { audit, identities } = useWords();
	const request = useRequest();
	/** Pages behind the first one: turned back to, they are not asked for again. */
	const [older, setOlder] = useState<readonly AuditPage[]>([]);
	const [at, setAt] = useState(0);
	const place = useRef<HTMLElement>(null);
	const pages = [first, ...older];
	const page = pages[at] ?? first;

	function show(index: number) {
		setAt(index);
		place.current?.focus();
	}
	const showOlder = () =>
		request.run(async () => {
			if (page.next === undefined) return;
			if (pages.length === at + 1) {
				setOlder([...older, await findAudit(queryOf(asked, { limit: perPage, cursor: page.next }))]);
			}
			show(at + 1);
		});
	const take = (format: 'csv' | 'ndjson') => request.run(() => takeAudit(queryOf(asked, { format }), format));

	return (
		<>
			<section class="card list" aria-label={audit.found} ref={place} tabIndex={-1}>
				<p class="unseen" role="status">
					{audit.counted(page.events.length)}
				</p>
				{page.events.length === 0 && <p class="empty">{audit.none}</p>}
				<ul class="rows">
					{page.events.map((event, index) => (
						<Row key={`${event.at} ${index}`} event={event} />
					))}
				</ul>
			</section>
			<ProblemText request={request} />
			<nav class="pager" aria-label={identities.pages}>
				{at > 0 && <Act onAct={() => show(at - 1)}>{identities.previous}</Act>}
				{(at > 0 || page.next !== undefined) && <span>{identities.page(at + 1)}</span>}
				{page.next !== undefined && (
					<Act request={request} onAct={() => void showOlder()}>
						{identities.next}
					</Act>
				)}
				<Act request={request} onAct={() => void take('csv')}>
					{audit.csv}
				</Act>
				<Act request={request} onAct={() => void take('ndjson')}>
					{audit.ndjson}
				</Act>
			</nav>
		</>
	);
}

function Row({ event }: { event: AuditEvent }) {
	const words = useWords();
	const { audit, history } = words;
	const { at, act, outcome, reason, identity, newName, actor, method, dialect, address, device, requestId } = event;
	const by = [dialect, method].filter((each) => each !== undefined).join(', ');
	return (
		<li class="row">
			<div class="what">
				<p class="name">
					<span>{act}</span>
					{identity !== undefined && (
						<span class="lesser">
							{identity}
							{newName !== undefined && ` → ${newName}`}
						</span>
					)}
					{actor !== undefined && actor !== identity && (
						<span class="lesser soft">{actor === 'operator' ? history.byOperator : history.by(actor)}</span>
					)}
					{outcome === 'refused' && (
						<span class="badge bad">{reason === undefined ? history.refused : audit.because(reason)}</span>
					)}
				</p>
				<p class="facts">
					<span>
						<Ago at={at} exact />
					</span>
					{by !== '' && <span>{by}</span>}
					{address !== undefined && <span>{address}</span>}
					{device !== undefined && <span>{deviceIn(words, device)}</span>}
					{requestId !== undefined && <code>{requestId}</code>}
				</p>
			</div>
		</li>
	);
}
