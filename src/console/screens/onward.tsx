import { useEffect, useState } from 'preact/hooks';
import { NotProved, Refused, SessionOver } from '../api.ts';
import { type Leave, useDesk, useRequest } from '../desk.ts';
import { Act } from '../parts/button.tsx';
import { Card } from '../parts/card.tsx';
import { ProblemText } from '../parts/problem-text.tsx';
import { Title } from '../parts/title.tsx';
import { problemOf, refusedText } from '../problem.ts';
import { type Goal, goOn, hostOf } from '../return-address.ts';
import { logOut } from '../session-v1.ts';
import { type Say, useWords, type Words } from '../words/words.ts';
import { Starting } from './starting.tsx';

interface Stop {
	readonly title: (words: Words) => string;
	readonly text: Say;
	/** What may help. */
	readonly by: 'retry' | 'somebody-else' | 'nothing';
}

/** Why it does not go on from here. */
function stopFor(fault: unknown): Stop {
	if (fault instanceof NotProved) {
		return { title: ({ onward }) => onward.notProvedTitle, text: ({ onward }) => onward.notProved, by: 'retry' };
	}
	if (fault instanceof Refused && fault.status === 403) {
		return { title: ({ onward }) => onward.notAllowedTitle, text: refusedText(fault), by: 'somebody-else' };
	}
	if (fault instanceof Refused && fault.status === 400) {
		return { title: ({ onward }) => onward.unknownTitle, text: ({ onward }) => onward.unknown, by: 'nothing' };
	}
	return { title: ({ problems }) => problems.notAvailableTitle, text: problemOf(fault).text, by: 'retry' };
}

function notReached(goal: Goal): Stop {
	return {
		title: ({ onward }) => onward.hereOnlyTitle,
		text: ({ onward }) => onward.hereOnly(hostOf(goal.url), location.host),
		by: 'retry',
	};
}

/** No page of anybody's ends a session by leading here: the person decides. */
const toSwitch: Stop = {
	title: ({ common }) => common.signInAsSomebodyElse,
	text: ({ onward }) => onward.switch,
	by: 'somebody-else',
};

/** Signed in, and on the way back to where somebody wanted to go. */
export function GoOn({ name, goal, onStay, onLeft }: { name: string; goal: Goal; onStay(): void; onLeft: Leave }) {
	const { settle } = useDesk();
	const words = useWords();
	const { common, onward, signIn } = words;
	const request = useRequest();
	const [stop, setStop] = useState<Stop | undefined>(goal.switches ? toSwitch : undefined);

	async function lead() {
		setStop(undefined);
		try {
			if (!(await goOn(goal))) setStop(notReached(goal));
		} catch (fault) {
			if (fault instanceof SessionOver) await settle();
			else setStop(stopFor(fault));
		}
	}

	useEffect(() => {
		if (!goal.switches) void lead();
	}, [goal]);

	const beSomebodyElse = () =>
		request.run(async () => {
			await logOut();
			onLeft();
		});

	if (stop === undefined) return <Starting />;
	return (
		<Card>
			<Title name={stop.title(words)} />
			<p>{signIn.signedInAs(<strong>{name}</strong>)}</p>
			{stop === toSwitch ? (
				<p>{stop.text(words)}</p>
			) : (
				<div class="problem">
					<p role="alert">{stop.text(words)}</p>
				</div>
			)}
			<ProblemText request={request} />
			{stop.by === 'retry' && (
				<Act tone="primary" onAct={() => void lead()}>
					{common.tryAgain}
				</Act>
			)}
			{stop.by !== 'nothing' && (
				<Act tone={stop.by === 'retry' ? 'plain' : 'primary'} request={request} onAct={() => void beSomebodyElse()}>
					{stop === toSwitch ? onward.signOutAndGoOn : common.signInAsSomebodyElse}
				</Act>
			)}
			<Act tone={stop.by === 'nothing' ? 'primary' : 'quiet'} onAct={onStay}>
				{onward.stay}
			</Act>
		</Card>
	);
}
