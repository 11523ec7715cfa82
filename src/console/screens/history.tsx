import { useState } from 'preact/hooks';
import { useLoaded, useRequest } from '../desk.ts';
import { type HistoryEvent, history } from '../history-v1.ts';
import { Act } from '../parts/button.tsx';
import { Loading } from '../parts/loading.tsx';
import { ProblemText } from '../parts/problem-text.tsx';
import { Ago } from '../parts/time.tsx';
import { Title } from '../parts/title.tsx';
import type { SectionProps } from './identity-section.ts';

/** How many are shown before somebody asks for more: on a page, and in a section of one. */
const onPage = 50;
const inSection = 10;

/** What was done with one's own login. */
export function OwnHistory() {
	return (
		<>
			<Title name="History" />
			<p class="lead">
				What was done with your login in the last 90 days. If you do not recognise a sign-in, change your password.
			</p>
			<section class="card list">
				<Events of={undefined} atOnce={onPage} />
			</section>
		</>
	);
}

/** What was done with that of an identity, for administrators. */
export function HistorySection({ identity: { name } }: SectionProps) {
	return (
		<section class="card" aria-label="History">
			<h2>History</h2>
			<Events of={name} atOnce={inSection} />
		</section>
	);
}

function Events({ of, atOnce }: { of: string | undefined; atOnce: number }) {
	const request = useRequest();
	const loaded = useLoaded(`history ${of ?? ''}`, () => history({ of, limit: atOnce }));
	const [older, setOlder] = useState<readonly HistoryEvent[]>([]);
	const [isWhole, setIsWhole] = useState(false);
	if (loaded.value === undefined) return <Loading loaded={loaded} />;
	const events = [...loaded.value, ...older];
	const last = events.at(-1);

	const showOlder = () =>
		request.run(async () => {
			if (last === undefined) return;
			const more = await history({ of, before: last.at, limit: atOnce });
			setOlder([...older, ...more]);
			setIsWhole(more.length < atOnce);
		});

	return (
		<>
			{events.length === 0 && <p class="empty">Nothing is known yet.</p>}
			<ul class="rows">
				{events.map((event) => (
					<Row key={event.at} event={event} />
				))}
			</ul>
			<ProblemText request={request} />
			{!isWhole && loaded.value.length === atOnce && (
				<Act request={request} onAct={() => void showOlder()}>
					Show older ones
				</Act>
			)}
		</>
	);
}

const acts: Readonly<Record<string, string>> = {
	setup: 'Made the first administrator',
	login: 'Sign-in',
	logout: 'Sign-out',
	proof: 'Proof',
	access: 'Wrong password',
	'session-end': 'Session ended',
	'session-stolen': 'Session shown without its certificate',
	'password-change': 'Password changed',
	'password-reset': 'Password set anew',
	'invitation-add': 'Invitation made',
	'invitation-use': 'Invitation used',
	'authenticator-add': 'Second factor set up',
	'authenticator-remove': 'Second factor removed',
	'authenticator-reset': 'All second factors removed',
	'authenticator-cloned': 'Passkey switched off: it was copied',
	'recovery-codes': 'Recovery codes made',
	'token-add': 'API token made',
	'token-end': 'API token ended',
	'identity-add': 'Added',
	'identity-rename': 'Renamed',
	'identity-disable': 'Disabled',
	'identity-enable': 'Enabled',
};

const methods: Readonly<Record<string, string>> = {
	totp: 'a code of an app',
	'recovery-code': 'a recovery code',
	passkey: 'a passkey',
	certificate: 'a certificate',
	password: 'password',
};

function Row({ event: { at, act, outcome, method, needs, actor, address, device } }: { event: HistoryEvent }) {
	return (
		<li class="row">
			<div class="what">
				<p class="name">
					<span>{acts[act] ?? act}</span>
					{method !== undefined && <span class="lesser">by {methods[method] ?? method}</span>}
					{needs === 'second-factor' && <span class="badge">Second factor asked for</span>}
					{outcome === 'refused' && <span class="badge bad">Refused</span>}
				</p>
				<p class="facts">
					<span>
						<Ago at={at} />
					</span>
					{address !== undefined && <span>{address}</span>}
					{device !== undefined && <span>{device}</span>}
					{actor !== undefined && <span>{actor === 'operator' ? 'by an operator' : `by ${actor}`}</span>}
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
	const { value: events = [] } = useLoaded('last sign-in', () => history({ limit: onPage }));
	const signIns = signInsOf(events);
	const [present, last] = signIns.filter(({ isWhole }) => isWhole);
	const before = last && events[last.index];
	if (present === undefined || last === undefined || before === undefined) return null;
	const since = events.slice(present.index, last.index);
	const wrong = since.filter(
		({ act, outcome }) => (act === 'login' || act === 'access') && outcome === 'refused',
	).length;
	const halfway = signIns.filter(
		({ index, isWhole }) => !isWhole && index > present.index && index < last.index,
	).length;
	return (
		<p class="lead">
			Last sign-in before this one: <Ago at={before.at} />
			{before.address !== undefined && `, from ${before.address}`}
			{before.device !== undefined && ` (${before.device})`}.
			{wrong > 0 && ` Since then ${wrong === 1 ? 'one was' : `${wrong} were`} refused.`}
			{halfway > 0 && ' Somebody knew your password, and had no second factor: change it.'}
		</p>
	);
}
