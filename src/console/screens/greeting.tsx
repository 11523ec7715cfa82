import { Act } from '../parts/button.tsx';
import { Card } from '../parts/card.tsx';
import { Title } from '../parts/title.tsx';

/** What the operator has to say to everybody who has just signed in. */
export function Greeting({ message, onGoOn }: { message: string; onGoOn(): void }) {
	return (
		<Card>
			<Title name="Signed in" />
			<section class="banner" aria-label="Notice of this service">
				{message}
			</section>
			<Act tone="primary" onAct={onGoOn}>
				Go on
			</Act>
		</Card>
	);
}
