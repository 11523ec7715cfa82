import { useState } from 'preact/hooks';
import { type Leave, useLoaded } from '../desk.ts';
import { Field } from '../parts/field.tsx';
import { Loading } from '../parts/loading.tsx';
import { deviceIn, SessionList } from '../parts/session-list.tsx';
import { Title } from '../parts/title.tsx';
import { allSessions as findAllSessions, type Session } from '../session-v1.ts';
import { useWords, type Words } from '../words/words.ts';
import { EndEverybodys } from './end-everybodys.tsx';

/** The service names no more than so many. */
const most = 1000;
/** As many as stand below each other. */
const mostShown = 200;

function isAbout(words: Words, { identity = '', device, address }: Session, typed: string): boolean {
	return `${identity} ${deviceIn(words, device)} ${address}`.toLowerCase().includes(typed.trim().toLowerCase());
}

/** Everybody's, for administrators. */
export function AllSessions({ onLeft }: { onLeft: Leave }) {
	const words = useWords();
	const { allSessions } = words;
	const loaded = useLoaded('all', findAllSessions);
	const [typed, setTyped] = useState('');
	const sessions = loaded.value?.sessions;
	const found = sessions?.filter((session) => isAbout(words, session, typed)) ?? [];
	return (
		<>
			<div class="heading">
				<Title name={allSessions.title} />
				{sessions && <EndEverybodys onEnded={loaded.reload} onLeft={onLeft} />}
			</div>
			<p class="lead">{allSessions.lead}</p>
			<Loading loaded={loaded} />
			{sessions && (
				<>
					{sessions.length > 5 && <Field label={allSessions.find} type="search" value={typed} onValue={setTyped} />}
					{sessions.length >= most && <p class="hint">{allSessions.newest(most)}</p>}
					{found.length > mostShown && <p class="hint">{allSessions.shown(mostShown, found.length)}</p>}
					<section class="card list">
						<SessionList named sessions={found.slice(0, mostShown)} empty={allSessions.none} onEnded={loaded.reload} />
					</section>
				</>
			)}
		</>
	);
}
