import { useDesk, useLoaded, useRequest } from '../desk.ts';
import { Act } from '../parts/button.tsx';
import { Loading } from '../parts/loading.tsx';
import { ProblemText } from '../parts/problem-text.tsx';
import { SessionList } from '../parts/session-list.tsx';
import { endSessionsOf, sessionsOf } from '../session-v1.ts';
import { useWords } from '../words/words.ts';
import type { SectionProps } from './identity-section.ts';

/** Where an identity is signed in. */
export function SessionsSection({ identity, isMe }: SectionProps) {
	const { name } = identity;
	const { say } = useDesk();
	const words = useWords();
	const request = useRequest();
	// What is done to an identity on this page may end its sessions: with it, they are loaded anew.
	const loaded = useLoaded(`sessions ${JSON.stringify(identity)}`, () => sessionsOf(name));
	const sessions = loaded.value?.sessions;

	const endAll = () =>
		request.run(async () => {
			const { ended } = await endSessionsOf(name);
			say((now) => now.sessions.ended(ended));
			await loaded.reload();
		});

	return (
		<section class="card list" aria-label={words.identity.sessions}>
			<h2>{words.identity.sessions}</h2>
			<Loading loaded={loaded} />
			{sessions && <SessionList sessions={sessions} empty={words.identity.noSessions} onEnded={loaded.reload} />}
			<ProblemText request={request} />
			{sessions && sessions.length > 1 && (
				<Act request={request} onAct={() => void endAll()}>
					{isMe ? words.sessions.elsewhere : words.sessions.everywhere}
				</Act>
			)}
		</section>
	);
}
