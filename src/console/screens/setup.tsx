import { useEffect, useState } from 'preact/hooks';
import { useRequest } from '../desk.ts';
import { Submit } from '../parts/button.tsx';
import { Card } from '../parts/card.tsx';
import { isRefused } from '../parts/demands.tsx';
import { Field } from '../parts/field.tsx';
import { NewPassword, useDemands } from '../parts/new-password.tsx';
import { PasswordField } from '../parts/password-field.tsx';
import { ProblemText } from '../parts/problem-text.tsx';
import { Title } from '../parts/title.tsx';
import { Amiss } from '../problem.ts';
import { setUp } from '../session-v1.ts';
import { useWords } from '../words/words.ts';

/** First run: makes the first administrator. `given`: the token of the link that the service printed, or nothing. */
export function Setup({ given, onDone }: { given: string; onDone(name: string): void }) {
	const { common, passwords, setup } = useWords();
	const request = useRequest();
	const [token, setToken] = useState(given);
	const [name, setName] = useState('admin');
	const [password, setPassword] = useState('');
	const [repeated, setRepeated] = useState('');
	useEffect(() => setToken((typed) => given || typed), [given]);
	const demands = useDemands(password, name);

	const submit = () =>
		request.run(
			async () => {
				if (isRefused(demands)) throw new Amiss((words) => words.passwords.refused, 'password');
				if (password !== repeated) throw new Amiss((words) => words.passwords.differ, 'repeated');
				await setUp(name, password, token.trim());
				onDone(name);
			},
			{
				'setup-token-needed': { field: 'token', text: (words) => words.setup.wrongToken },
				'weak-password': { field: 'password' },
				'bad-name': { field: 'name' },
				'already-set-up': (words) => words.setup.alreadyDone,
			},
		);

	return (
		<Card>
			<Title name={setup.title} />
			<p>{setup.lead}</p>
			<form
				aria-label={setup.title}
				onSubmit={(event) => {
					event.preventDefault();
					void submit();
				}}
			>
				<Field
					label={setup.token}
					value={token}
					onValue={setToken}
					required
					autocomplete="one-time-code"
					maxLength={128}
					hint={setup.tokenHint}
					error={request.about('token')}
				/>
				<Field
					label={common.userName}
					value={name}
					onValue={setName}
					required
					autocomplete="username"
					maxLength={256}
					error={request.about('name')}
				/>
				<NewPassword
					label={common.password}
					value={password}
					onValue={setPassword}
					name={name}
					demands={demands}
					error={request.about('password')}
				/>
				<PasswordField
					label={passwords.repeat}
					value={repeated}
					onValue={setRepeated}
					autocomplete="new-password"
					error={request.about('repeated')}
				/>
				<ProblemText request={request} />
				<Submit request={request}>{setup.create}</Submit>
			</form>
		</Card>
	);
}
