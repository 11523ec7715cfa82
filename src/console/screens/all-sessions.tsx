import { useState } from 'preact/hooks';
import { useLoaded } from '../desk.ts';
import { Field } from '../parts/field.tsx';
import { Loading } from '../parts/loading.tsx';
import { SessionList } from '../parts/session-list.tsx';
import { Title } from '../parts/title.tsx';
import { allSessions, type Session } from '../session-v1.ts';

/** The service names no more than so many. */
const most = 1000;
/** As many as stand below each other. */
const mostShown = 200;

function isAbout({ identity = '', device, address }: Session, words: string): boolean {
	return `${identity} ${device} ${address}`.toLowerCase().includes(words.trim().toLowerCase());
}

/** Everybody's, for administrators. */
export function AllSessions() {
	const loaded = useLoaded('all', allSessions);
	const [words, setWords] = useState('');
	const sessions = loaded.value?.sessions;
	const found = sessions?.filter((session) => isAbout(session, words)) ?? [];
	return (
		<>
			<Title name="All sessions" />
			<p class="lead">Who is signed in, and where.</p>
			<Loading loaded={loaded} />
			{sessions && (
				<>
					{sessions.length > 5 && (
						<Field label="Name, device or address" type="search" value={words} onValue={setWords} />
					)}
					{sessions.length >= most && <p class="hint">These are the newest {most}; there are more.</p>}
					{found.length > mostShown && (
						<p class="hint">
							Shown are the newest {mostShown} of {found.length}: look for one above.
						</p>
					)}
					<section class="card list">
						<SessionList
							named
							sessions={found.slice(0, mostShown)}
							empty="None of the sessions is like that."
							onEnded={loaded.reload}
						/>
					</section>
				</>
			)}
		</>
	);
}
