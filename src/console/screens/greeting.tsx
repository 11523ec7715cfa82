import { Act } from '../parts/button.tsx';
import { Card } from '../parts/card.tsx';
import { Title } from '../parts/title.tsx';
import { useWords } from '../words/words.ts';

/** What the operator has to say to everybody who has just signed in. */
export function Greeting({ message, onGoOn }: { message: string; onGoOn(): void }) {
	const { common, signIn } = useWords();
	return (
		<Card>
			<Title name={signIn.greeting} />
			<section class="banner" aria-label={common.noticeOfService}>
				{message}
			</section>
			<Act tone="primary" onAct={onGoOn}>
				{common.goOn}
			</Act>
		</Card>
	);
}
