import { useDesk, useLoaded, useRequest } from '../desk.ts';
import { Act } from '../parts/button.tsx';
import { Loading } from '../parts/loading.tsx';
import { ProblemText } from '../parts/problem-text.tsx';
import { SessionList } from '../parts/session-list.tsx';
import { Title } from '../parts/title.tsx';
import { endOtherSessions, ownSessions } from '../session-v1.ts';
import { LastSignIn } from './history.tsx';

/** Where one is signed in. */
export function OwnSessions({ hasPassword }: { hasPassword: boolean }) {
	const { say } = useDesk();
	const request = useRequest();
	const loaded = useLoaded('own', ownSessions);

	const endOthers = () =>
		request.run(async () => {
			const { ended } = await endOtherSessions();
			say(countedEnd(ended));
			await loaded.reload();
		});

	// The one that looks stands first.
	const sessions = loaded.value?.sessions.toSorted((a, b) => Number(b.current) - Number(a.current));
	return (
		<>
			<Title name="My sessions" />
			<LastSignIn />
			<p class="lead">
				Where you are signed in. If you do not recognise one, sign it out{hasPassword && ' and change your password'}.
			</p>
			<Loading loaded={loaded} />
			{sessions && (
				<section class="card list">
					<SessionList sessions={sessions} empty="There is none." onEnded={loaded.reload} />
				</section>
			)}
			<ProblemText request={request} />
			{sessions && sessions.length > 1 && (
				<Act request={request} onAct={() => void endOthers()}>
					Sign out everywhere else
				</Act>
			)}
		</>
	);
}

export function countedEnd(ended: number): string {
	if (ended === 0) return 'There was no other session.';
	return ended === 1 ? 'One session has ended.' : `${ended} sessions have ended.`;
}
