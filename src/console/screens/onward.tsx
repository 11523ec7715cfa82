import { useEffect, useState } from 'preact/hooks';
import { NotProved, Refused, SessionOver } from '../api.ts';
import { type Leave, useDesk, useRequest } from '../desk.ts';
import { Act } from '../parts/button.tsx';
import { Card } from '../parts/card.tsx';
import { ProblemText } from '../parts/problem-text.tsx';
import { Title } from '../parts/title.tsx';
import { problemOf } from '../problem.ts';
import { type Goal, goOn, hostOf } from '../return-address.ts';
import { logOut } from '../session-v1.ts';
import { Starting } from './starting.tsx';

interface Stop {
	readonly title: string;
	readonly text: string;
	/** What may help. */
	readonly by: 'retry' | 'somebody-else' | 'nothing';
}

/** Why it does not go on from here. */
function stopFor(fault: unknown): Stop {
	if (fault instanceof NotProved) {
		return { title: 'Not proved', text: 'That page asks you to prove who you are.', by: 'retry' };
	}
	if (fault instanceof Refused && fault.status === 403) {
		return { title: 'Not allowed', text: `${fault.message}.`, by: 'somebody-else' };
	}
	if (fault instanceof Refused && fault.status === 400) {
		return { title: 'Unknown address', text: `${fault.message}, so you are not led there.`, by: 'nothing' };
	}
	return { title: 'Not available', text: problemOf(fault).text, by: 'retry' };
}

function notReached(goal: Goal): Stop {
	return {
		title: 'Signed in here only',
		text: `${hostOf(goal.url)} sent you right back: the browser does not show it the session cookie of ${location.host}.`,
		by: 'retry',
	};
}

/** No page of anybody's ends a session by leading here: the person decides. */
const toSwitch: Stop = {
	title: 'Sign in as somebody else',
	text: 'You will be signed out first, and then led back to the page.',
	by: 'somebody-else',
};

/** Signed in, and on the way back to where somebody wanted to go. */
export function GoOn({ name, goal, onStay, onLeft }: { name: string; goal: Goal; onStay(): void; onLeft: Leave }) {
	const { settle } = useDesk();
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
			<Title name={stop.title} />
			<p>
				You are signed in as <strong>{name}</strong>.
			</p>
			{stop === toSwitch ? (
				<p>{stop.text}</p>
			) : (
				<div class="problem">
					<p role="alert">{stop.text}</p>
				</div>
			)}
			<ProblemText request={request} />
			{stop.by === 'retry' && (
				<Act tone="primary" onAct={() => void lead()}>
					Try again
				</Act>
			)}
			{stop.by !== 'nothing' && (
				<Act tone={stop.by === 'retry' ? 'plain' : 'primary'} request={request} onAct={() => void beSomebodyElse()}>
					{stop === toSwitch ? 'Sign out and go on' : 'Sign in as somebody else'}
				</Act>
			)}
			<Act tone={stop.by === 'nothing' ? 'primary' : 'quiet'} onAct={onStay}>
				Stay here
			</Act>
		</Card>
	);
}
