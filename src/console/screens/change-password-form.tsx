import { useState } from 'preact/hooks';
import { findSession } from '../api.ts';
import { tellOtherTabs } from '../channel.ts';
import { type Leave, useDesk, useRequest } from '../desk.ts';
import { Submit } from '../parts/button.tsx';
import { isRefused } from '../parts/demands.tsx';
import { NewPassword, useDemands } from '../parts/new-password.tsx';
import { PasswordField } from '../parts/password-field.tsx';
import { ProblemText } from '../parts/problem-text.tsx';
import { Amiss } from '../problem.ts';
import { changePassword } from '../session-v1.ts';
import { useWords } from '../words/words.ts';

/** Changes one's own password. The service ends every session of it; where it opens a fresh one, the page goes on. */
export function ChangePasswordForm({
	name = '',
	known,
	first = false,
	onLeft,
}: {
	name?: string | undefined;
	/** The present password, where it was typed a moment ago: it is not asked for again. */
	known?: string | undefined;
	first?: boolean;
	onLeft: Leave;
}) {
	const { say, settle } = useDesk();
	const { passwords } = useWords();
	const request = useRequest();
	const [current, setCurrent] = useState(known ?? '');
	const [next, setNext] = useState('');
	const [repeated, setRepeated] = useState('');
	const demands = useDemands(next, name);

	const submit = () =>
		request.run(
			async () => {
				if (isRefused(demands)) throw new Amiss((words) => words.passwords.newRefused, 'next');
				if (next !== repeated) throw new Amiss((words) => words.passwords.newDiffer, 'repeated');
				await changePassword(current, next);
				if ((await findSession()) === undefined) {
					onLeft('password-changed', name);
					return;
				}
				tellOtherTabs();
				for (const clear of [setCurrent, setNext, setRepeated]) clear('');
				await settle();
				say((words) => words.passwords.changed);
			},
			{
				'bad-credentials': { field: 'current', text: (words) => words.passwords.currentIsWrong },
				'weak-password': { field: 'next' },
				'same-password': { field: 'next' },
			},
		);

	return (
		<form
			aria-label={passwords.change}
			onSubmit={(event) => {
				event.preventDefault();
				void submit();
			}}
		>
			{/* Not seen: tells password managers whose password this is. */}
			<input
				class="unseen"
				type="text"
				autocomplete="username"
				value={name}
				readOnly
				tabIndex={-1}
				aria-hidden="true"
			/>
			{(known === undefined || request.about('current') !== undefined || current !== known) && (
				<PasswordField
					label={passwords.current}
					value={current}
					onValue={setCurrent}
					autocomplete="current-password"
					first={first}
					error={request.about('current')}
				/>
			)}
			<NewPassword
				label={passwords.new}
				value={next}
				onValue={setNext}
				name={name}
				demands={demands}
				first={first && known !== undefined}
				error={request.about('next')}
			/>
			<PasswordField
				label={passwords.repeatNew}
				value={repeated}
				onValue={setRepeated}
				autocomplete="new-password"
				error={request.about('repeated')}
			/>
			<ProblemText request={request} />
			<Submit request={request}>{passwords.change}</Submit>
		</form>
	);
}
