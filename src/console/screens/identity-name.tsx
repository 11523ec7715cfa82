import { useState } from 'preact/hooks';
import { renameIdentity } from '../administration-v1.ts';
import { type Leave, useDesk, useRequest } from '../desk.ts';
import { goTo } from '../page.ts';
import { Act, Submit } from '../parts/button.tsx';
import { Field } from '../parts/field.tsx';
import { ProblemText } from '../parts/problem-text.tsx';
import type { Meanings } from '../problem.ts';
import { useWords } from '../words/words.ts';
import type { SectionProps } from './identity-section.ts';

/** Another name for an identity, folded behind a button. */
export function NameSection({ identity: { name }, isMe, onLeft }: SectionProps & { onLeft: Leave }) {
	const { renaming } = useWords();
	const [opened, setOpened] = useState<boolean>();
	return (
		<section class="card" aria-label={renaming.name}>
			<h2>{renaming.name}</h2>
			<p>{renaming.text(name)}</p>
			{opened ? (
				<RenameForm name={name} isMe={isMe} onCancel={() => setOpened(false)} onLeft={onLeft} />
			) : (
				<Act first={opened === false} onAct={() => setOpened(true)}>
					{renaming.rename}
				</Act>
			)}
		</section>
	);
}

const meanings: Meanings = {
	'bad-name': { field: 'name' },
	'name-taken': { field: 'name' },
	malformed: { field: 'name', text: (words) => words.newIdentity.badName },
};

function RenameForm({
	name,
	isMe,
	onCancel,
	onLeft,
}: {
	name: string;
	isMe: boolean;
	onCancel(): void;
	onLeft: Leave;
}) {
	const { say } = useDesk();
	const request = useRequest();
	const { common, renaming } = useWords();
	const [next, setNext] = useState(name);

	const submit = () =>
		request.run(async () => {
			const { name: renamed } = await renameIdentity(name, next);
			if (isMe && renamed !== name) return onLeft('signed-out', renamed);
			goTo({ at: 'identity', name: renamed });
			say((words) => words.renaming.renamed(name, renamed));
		}, meanings);

	return (
		<form
			aria-label={renaming.form(name)}
			onSubmit={(event) => {
				event.preventDefault();
				void submit();
			}}
		>
			<Field
				label={renaming.to}
				value={next}
				onValue={setNext}
				required
				autocomplete="off"
				maxLength={256}
				hint={isMe ? renaming.ownText : undefined}
				error={request.about('name')}
				first
			/>
			<ProblemText request={request} />
			<div class="actions">
				<Act onAct={onCancel}>{common.cancel}</Act>
				<Submit request={request}>{renaming.rename}</Submit>
			</div>
		</form>
	);
}
