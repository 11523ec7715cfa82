import { useDesk, useLoaded, useRequest } from '../desk.ts';
import { Act } from '../parts/button.tsx';
import { Loading } from '../parts/loading.tsx';
import { ProblemText } from '../parts/problem-text.tsx';
import { SessionList } from '../parts/session-list.tsx';
import { Title } from '../parts/title.tsx';
import { endOtherSessions, ownSessions } from '../session-v1.ts';
import { useWords } from '../words/words.ts';
import { LastSignIn } from './history.tsx';

/** Where one is signed in. */
export function OwnSessions({ hasPassword }: { hasPassword: boolean }) {
	const { say } = useDesk();
	const { common, sessions: words } = useWords();
	const request = useRequest();
	const loaded = useLoaded('own', ownSessions);

	const endOthers = () =>
		request.run(async () => {
			const { ended } = await endOtherSessions();
			say((now) => now.sessions.ended(ended));
			await loaded.reload();
		});

	// The one that looks stands first.
	const sessions = loaded.value?.sessions.toSorted((a, b) => Number(b.current) - Number(a.current));
	return (
		<>
			<Title name={words.title} />
			<LastSignIn />
			<p class="lead">{hasPassword ? words.leadWithPassword : words.lead}</p>
			<Loading loaded={loaded} />
			{sessions && (
				<section class="card list">
					<SessionList sessions={sessions} empty={common.none} onEnded={loaded.reload} />
				</section>
			)}
			<ProblemText request={request} />
			{sessions && sessions.length > 1 && (
				<Act request={request} onAct={() => void endOthers()}>
					{words.elsewhere}
				</Act>
			)}
		</>
	);
}
