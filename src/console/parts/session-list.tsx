import type { ComponentChildren } from 'preact';
import type { Awaited } from '../api.ts';
import { useDesk, useRequest } from '../desk.ts';
import { hrefOf } from '../page.ts';
import { endSession, type Session } from '../session-v1.ts';
import { Act } from './button.tsx';
import { Icon } from './icons.tsx';
import { ProblemText } from './problem-text.tsx';
import { RowList } from './row-list.tsx';
import { Ago, Clock, clockOf } from './time.tsx';

function shapeOf(device: string) {
	if (/Android|iPhone|iPad/.test(device)) return 'phone';
	return / on /.test(device) ? 'screen' : 'program';
}

/** Sessions, one below the other. `named`: says whose they are. */
export function SessionList({
	sessions,
	named = false,
	empty,
	onEnded,
}: {
	sessions: readonly Session[];
	named?: boolean;
	empty: ComponentChildren;
	onEnded(): Promise<void>;
}) {
	return (
		<RowList
			items={sessions}
			empty={empty}
			onEnded={onEnded}
			row={(session, ended) => <Row key={session.id} session={session} named={named} onEnded={ended} />}
		/>
	);
}

/** What a session that opens nothing waits for. */
const waiting: Readonly<Record<Awaited, string>> = {
	'second-factor': 'Must show a second factor',
	'password-change': 'Must change the password',
	enrolment: 'Must set up a second factor',
};

/** Leads to the identity, where there still is one. */
function Whose({ name }: { name: string | undefined }) {
	if (name === undefined) return <span>removed identity</span>;
	return <a href={hrefOf({ at: 'identity', name })}>{name}</a>;
}

function Row({ session, named, onEnded }: { session: Session; named: boolean; onEnded(): Promise<void> }) {
	const { say } = useDesk();
	const request = useRequest();
	const {
		id,
		identity = 'removed identity',
		device,
		address,
		openedBy,
		openedAt,
		lastActivityAt,
		needs,
		hosts = [],
		current,
	} = session;

	const end = () =>
		request.run(
			async () => {
				await endSession(id);
				say(`Signed out: ${device}, ${address}.`);
				await onEnded();
			},
			{ 'not-found': 'It has ended already.' },
		);

	return (
		<li class="row">
			<Icon shape={shapeOf(device)} />
			<div class="what">
				<p class="name">
					{named && <Whose name={session.identity} />}
					<span class={named ? 'lesser' : undefined}>{device}</span>
					{current && <span class="badge good">This browser</span>}
					{needs && <span class="badge warn">{waiting[needs]}</span>}
				</p>
				<p class="facts">
					<span>{address}</span>
					<span>
						Since <Clock at={openedAt} /> by {openedBy}
					</span>
					<span>
						Active <Ago at={lastActivityAt} exact />
					</span>
				</p>
				{hosts.length > 0 && <p class="facts">Also at {hosts.join(', ')}</p>}
				<ProblemText request={request} />
			</div>
			{!current && (
				<Act
					request={request}
					more={`${named ? `${identity}, ` : ''}${device}, ${address}, since ${clockOf(openedAt)}`}
					onAct={end}
				>
					Sign out
				</Act>
			)}
		</li>
	);
}
