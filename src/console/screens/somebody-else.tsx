import type { Leave } from '../desk.ts';
import { Act } from '../parts/button.tsx';
import { Card } from '../parts/card.tsx';
import { Title } from '../parts/title.tsx';
import { WayOut } from '../parts/way-out.tsx';

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
	return (
		<Card>
			<Title name={`You are ${name} now`} />
			<p>
				In another tab, <strong>{name}</strong> has signed in in place of <strong>{before}</strong>. A browser has one
				session for all of its tabs.
			</p>
			<Act tone="primary" onAct={onGoOn}>
				Go on as {name}
			</Act>
			<WayOut label="Sign out" notice="signed-out" onLeft={onLeft} />
		</Card>
	);
}
