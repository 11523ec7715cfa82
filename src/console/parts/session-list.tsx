import type { ComponentChildren } from 'preact';
import { useDesk, useRequest } from '../desk.ts';
import { hrefOf } from '../page.ts';
import { endSession, type Session } from '../session-v1.ts';
import { useWords, type Words } from '../words/words.ts';
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

/** A device, as the service names it: a browser, a system and "on" between; a program by its own name; or `unknown`. */
export function deviceIn({ common }: Words, device: string): string {
	const [, browser, system] = /^(.+) on (.+)$/.exec(device) ?? [];
	if (browser !== undefined && system !== undefined) return common.deviceOn(browser, system);
	return device === 'unknown' ? common.unknownDevice : device;
}

/** Leads to the identity, where there still is one. */
function Whose({ name }: { name: string | undefined }) {
	const { common } = useWords();
	if (name === undefined) return <span>{common.removedIdentity}</span>;
	return <a href={hrefOf({ at: 'identity', name })}>{name}</a>;
}

function Row({ session, named, onEnded }: { session: Session; named: boolean; onEnded(): Promise<void> }) {
	const { say } = useDesk();
	const words = useWords();
	const { common, sessions } = words;
	const request = useRequest();
	const { id, device, address, openedBy, openedAt, lastActivityAt, needs, hosts = [], current } = session;
	const whose = named ? (session.identity ?? common.removedIdentity) : '';
	const shownDevice = deviceIn(words, device);

	const end = () =>
		request.run(
			async () => {
				await endSession(id);
				say((now) => now.sessions.signedOut(deviceIn(now, device), address));
				await onEnded();
			},
			{ 'not-found': (now) => now.common.hasEndedAlready },
		);

	return (
		<li class="row">
			<Icon shape={shapeOf(device)} />
			<div class="what">
				<p class="name">
					{named && <Whose name={session.identity} />}
					<span class={named ? 'lesser' : undefined}>{shownDevice}</span>
					{current && <span class="badge good">{sessions.thisBrowser}</span>}
					{needs && <span class="badge warn">{sessions.waiting[needs]}</span>}
				</p>
				<p class="facts">
					<span>{address}</span>
					<span>{sessions.since[openedBy](<Clock at={openedAt} />)}</span>
					<span>{sessions.active(<Ago at={lastActivityAt} exact />)}</span>
				</p>
				{hosts.length > 0 && <p class="facts">{sessions.alsoAt(hosts.join(', '))}</p>}
				<ProblemText request={request} />
			</div>
			{!current && (
				<Act
					request={request}
					label={sessions.signOutOf(whose, shownDevice, address, clockOf(words, openedAt))}
					onAct={end}
				>
					{common.signOut}
				</Act>
			)}
		</li>
	);
}
