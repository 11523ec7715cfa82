import type { Leave } from '../desk.ts';
import { Act } from '../parts/button.tsx';
import { Card } from '../parts/card.tsx';
import { Title } from '../parts/title.tsx';
import { WayOut } from '../parts/way-out.tsx';
import { useWords } from '../words/words.ts';

/** Another tab has signed in as somebody else: whose pages these are from now on is not to be found out by chance. */
export function SomebodyElse({
	name,
	before,
	onGoOn,
	onLeft,
}: {
	name: string;
	before: string;
	onGoOn(): void;
	onLeft: Leave;
}) {
	const { common, somebodyElse } = useWords();
	return (
		<Card>
			<Title name={somebodyElse.title(name)} />
			<p>{somebodyElse.text(<strong>{name}</strong>, <strong>{before}</strong>)}</p>
			<Act tone="primary" onAct={onGoOn}>
				{somebodyElse.goOnAs(name)}
			</Act>
			<WayOut label={common.signOut} notice="signed-out" onLeft={onLeft} />
		</Card>
	);
}
