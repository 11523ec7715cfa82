import { useState } from 'preact/hooks';
import { useLoaded, useRequest } from '../desk.ts';
import { history as findHistory, type HistoryEvent } from '../history-v1.ts';
import { Act } from '../parts/button.tsx';
import { Loading } from '../parts/loading.tsx';
import { ProblemText } from '../parts/problem-text.tsx';
import { deviceIn } from '../parts/session-list.tsx';
import { Ago } from '../parts/time.tsx';
import { Title } from '../parts/title.tsx';
import { useWords, wordFor } from '../words/words.ts';
import type { SectionProps } from './identity-section.ts';

/** How many are shown before somebody asks for more: on a page, and in a section of one. */
const onPage = 50;
const inSection = 10;

/** What was done with one's own login. */
export function OwnHistory() {
	const { history } = useWords();
	return (
		<>
			<Title name={history.title} />
			<p class="lead">{history.lead}</p>
			<section class="card list">
				<Events of={undefined} atOnce={onPage} />
			</section>
		</>
	);
}

/** What was done with that of an identity, for administrators. */
export function HistorySection({ identity: { name } }: SectionProps) {
	const { history } = useWords();
	return (
		<section class="card" aria-label={history.title}>
			<h2>{history.title}</h2>
			<Events of={name} atOnce={inSection} />
		</section>
	);
}

function Events({ of, atOnce }: { of: string | undefined; atOnce: number }) {
	const { history } = useWords();
	const request = useRequest();
	const loaded = useLoaded(`history ${of ?? ''}`, () => findHistory({ of, limit: atOnce }));
	const [older, setOlder] = useState<readonly HistoryEvent[]>([]);
	const [isWhole, setIsWhole] = useState(false);
	if (loaded.value === undefined) return <Loading loaded={loaded} />;
	const events = [...loaded.value, ...older];
	const last = events.at(-1);

	const showOlder = () =>
		request.run(async () => {
			if (last === undefined) return;
			const more = await findHistory({ of, before: last.at, limit: atOnce });
			setOlder([...older, ...more]);
			setIsWhole(more.length < atOnce);
		});

	return (
		<>
			{events.length === 0 && <p class="empty">{history.none}</p>}
			<ul class="rows">
				{events.map((event) => (
					<Row key={event.at} event={event} />
				))}
			</ul>
			<ProblemText request={request} />
			{!isWhole && loaded.value.length === atOnce && (
				<Act request={request} onAct={() => void showOlder()}>
					{history.older}
				</Act>
			)}
		</>
	);
}

function Row({ event: { at, act, outcome, method, needs, actor, address, device } }: { event: HistoryEvent }) {
	const words = useWords();
	const { history } = words;
	return (
		<li class="row">
			<div class="what">
				<p class="name">
					<span>{wordFor(history.acts, act) ?? act}</span>
					{method !== undefined && <span class="lesser">{wordFor(history.methods, method) ?? history.by(method)}</span>}
					{needs === 'second-factor' && <span class="badge">{history.factorAsked}</span>}
					{outcome === 'refused' && <span class="badge bad">{history.refused}</span>}
				</p>
				<p class="facts">
					<span>
						<Ago at={at} />
					</span>
					{address !== undefined && <span>{address}</span>}
					{device !== undefined && <span>{deviceIn(words, device)}</span>}
					{actor !== undefined && <span>{actor === 'operator' ? history.byOperator : history.by(actor)}</span>}
				</p>
			</div>
		</li>
	);
}

/** Sign-ins, newest first, and whether they came to an end: one that is asked for a second factor has it shown by a proof. */
function signInsOf(events: readonly HistoryEvent[]) {
	let isProved = false;
	return events.flatMap(({ act, outcome, needs }, index) => {
		if (outcome !== 'ok' || (act !== 'login' && act !== 'proof')) return [];
		const isWhole = needs !== 'second-factor' || isProved;
		isProved = act === 'proof';
		return act === 'login' ? { index, isWhole } : [];
	});
}

/** What somebody may want to know who has just signed in: when that was the last time, and whether others have tried since. */
export function LastSignIn() {
	const words = useWords();
	const { history } = words;
	const { value: events = [] } = useLoaded('last sign-in', () => findHistory({ limit: onPage }));
	const signIns = signInsOf(events);
	const [present, last] = signIns.filter(({ isWhole }) => isWhole);
	const before = last && events[last.index];
	if (present === undefined || last === undefined || before === undefined) return null;
	const device = before.device === undefined ? undefined : deviceIn(words, before.device);
	const since = events.slice(present.index, last.index);
	const wrong = since.filter(
		({ act, outcome }) => (act === 'login' || act === 'access') && outcome === 'refused',
	).length;
	const halfway = signIns.filter(
		({ index, isWhole }) => !isWhole && index > present.index && index < last.index,
	).length;
	return (
		<p class="lead">
			{history.lastSignIn(<Ago at={before.at} />, before.address, device)}
			{wrong > 0 && ` ${history.refusedSince(wrong)}`}
			{halfway > 0 && ` ${history.halfway}`}
		</p>
	);
}
