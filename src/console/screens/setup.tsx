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

/** First run: makes the first administrator. `given`: the token of the link that the service printed, or nothing. */
export function Setup({ given, onDone }: { given: string; onDone(name: string): void }) {
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
				if (isRefused(demands)) throw new Amiss('The password does not meet the demands below.', 'password');
				if (password !== repeated) throw new Amiss('The two passwords differ.', 'repeated');
				await setUp(name, password, token.trim());
				onDone(name);
			},
			{
				'setup-token-needed': {
					field: 'token',
					text: 'The setup token is wrong. The service printed it when it started.',
				},
				'weak-password': { field: 'password' },
				'bad-name': { field: 'name' },
				'already-set-up': 'Somebody else has set this service up meanwhile. Reload the page to sign in.',
			},
		);

	return (
		<Card>
			<Title name="Set up Latchkey" />
			<p>Nobody can sign in yet. Create the first identity: an administrator, who can then create others.</p>
			<form
				aria-label="Set up Latchkey"
				onSubmit={(event) => {
					event.preventDefault();
					void submit();
				}}
			>
				<Field
					label="Setup token"
					value={token}
					onValue={setToken}
					required
					autocomplete="one-time-code"
					maxLength={128}
					hint="The service printed it when it started. It works once."
					error={request.about('token')}
				/>
				<Field
					label="User name"
					value={name}
					onValue={setName}
					required
					autocomplete="username"
					maxLength={256}
					error={request.about('name')}
				/>
				<NewPassword
					label="Password"
					value={password}
					onValue={setPassword}
					name={name}
					demands={demands}
					error={request.about('password')}
				/>
				<PasswordField
					label="Repeat the password"
					value={repeated}
					onValue={setRepeated}
					autocomplete="new-password"
					error={request.about('repeated')}
				/>
				<ProblemText request={request} />
				<Submit request={request}>Create administrator</Submit>
			</form>
		</Card>
	);
}
