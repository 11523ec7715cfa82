import { useState } from 'preact/hooks';
import { endEverybodysSessions } from '../administration-v1.ts';
import { type Leave, useDesk, useRequest } from '../desk.ts';
import { Act } from '../parts/button.tsx';
import { Confirm } from '../parts/confirm.tsx';
import { Check } from '../parts/field.tsx';
import { useWords } from '../words/words.ts';

/** Ends everybody's sessions: after something was stolen, or before something is changed. */
export function EndEverybodys({ onEnded, onLeft }: { onEnded(): Promise<void>; onLeft: Leave }) {
	const { say } = useDesk();
	const { everybody } = useWords();
	const request = useRequest();
	const [asking, setAsking] = useState(false);
	const [keeps, setKeeps] = useState(true);

	const end = () =>
		request.run(async () => {
			const { ended } = await endEverybodysSessions(keeps ? 'current' : 'none');
			if (!keeps) return onLeft('signed-out');
			setAsking(false);
			say((words) => words.sessions.ended(ended));
			await onEnded();
		});

	return (
		<>
			<Act tone="danger" onAct={() => setAsking(true)}>
				{everybody.end}
			</Act>
			{asking && (
				<Confirm
					title={everybody.title}
					yes={everybody.end}
					request={request}
					onYes={() => void end()}
					onNo={() => setAsking(false)}
				>
					{everybody.text}
					<Check label={everybody.keep} checked={keeps} onChecked={setKeeps} />
				</Confirm>
			)}
		</>
	);
}
