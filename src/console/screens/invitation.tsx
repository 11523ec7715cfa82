import { useEffect, useState } from 'preact/hooks';
import { Refused } from '../api.ts';
import { useRequest } from '../desk.ts';
import { Act, Submit } from '../parts/button.tsx';
import { Card } from '../parts/card.tsx';
import { isRefused } from '../parts/demands.tsx';
import { Field } from '../parts/field.tsx';
import { NewPassword, useDemands } from '../parts/new-password.tsx';
import { PasswordField } from '../parts/password-field.tsx';
import { ProblemText } from '../parts/problem-text.tsx';
import { Title } from '../parts/title.tsx';
import { Amiss } from '../problem.ts';
import { acceptInvitation, findInvitation, type InvitationTold } from '../session-v1.ts';
import { arrive, type SignedIn } from './sign-in-form.tsx';

const isOver = (fault: unknown) => fault instanceof Refused && fault.code === 'invitation-over';

/** Where the link of an invitation leads. `me`: who is signed in here, and will be no longer. */
export function InvitationPage({
	code,
	me,
	onSignedIn,
	onLeft,
}: {
	code: string;
	me: string | undefined;
	onSignedIn: SignedIn;
	onLeft(): void;
}) {
	const request = useRequest();
	const [told, setTold] = useState<InvitationTold | 'over'>();

	const look = () =>
		request.run(async () => {
			setTold(
				await findInvitation(code).catch((fault: unknown) => {
					if (isOver(fault)) return 'over';
					throw fault;
				}),
			);
		});
	// Once for each link: a look that finds nothing counts as a wrong code.
	useEffect(() => void look(), [code]);

	if (told === undefined) {
		return (
			<Card>
				<Title name="Invitation" />
				{request.problem === undefined ? <p role="status">One moment…</p> : <ProblemText request={request} />}
				{request.problem !== undefined && (
					<Act tone="primary" request={request} onAct={() => void look()}>
						Try again
					</Act>
				)}
			</Card>
		);
	}
	if (told === 'over') {
		return (
			<Card>
				<Title name="This invitation is over" />
				<p>It has been used, a newer one has taken its place, or its time is over. Ask for another one.</p>
				<Act tone="primary" onAct={onLeft}>
					Go to the sign-in page
				</Act>
			</Card>
		);
	}
	if (told.for === 'new-factor') {
		return (
			<Card>
				<Title name="Set up another second factor" />
				<p>
					This invitation is for <strong>{told.username}</strong>. Show your password first; then set something up that
					only you have. It takes the place of what was lost.
					{me !== undefined && ` You are signed in here as ${me}, and will be signed out.`}
				</p>
				<FactorForm code={code} name={told.username} onOver={() => setTold('over')} onSignedIn={onSignedIn} />
			</Card>
		);
	}
	return (
		<Card>
			<Title name={told.for === 'new-password' ? 'Choose a new password' : 'Choose your password'} />
			<p>
				This invitation is for <strong>{told.username}</strong>. The password that you choose is known to nobody else.
				{me !== undefined && me !== told.username && ` You are signed in here as ${me}, and will be signed out.`}
			</p>
			<AcceptanceForm code={code} name={told.username} onOver={() => setTold('over')} onSignedIn={onSignedIn} />
		</Card>
	);
}

interface FormProps {
	readonly code: string;
	readonly name: string;
	onOver(): void;
	readonly onSignedIn: SignedIn;
}

/** Returns whether it was good. */
async function acceptUnlessOver(code: string, password: string, onOver: () => void): Promise<boolean> {
	try {
		await acceptInvitation(code, password);
		return true;
	} catch (fault) {
		if (!isOver(fault)) throw fault;
		onOver();
		return false;
	}
}

/** What comes after it is the screen of a session that waits until a second factor is set up. */
function FactorForm({ code, name, onOver, onSignedIn }: FormProps) {
	const request = useRequest();
	const [password, setPassword] = useState('');
	const submit = () =>
		request.run(
			async () => {
				if (await acceptUnlessOver(code, password, onOver)) await arrive(onSignedIn, name);
			},
			{ 'bad-credentials': 'That is not your password.' },
		);
	return (
		<form
			aria-label="Show your password"
			onSubmit={(event) => {
				event.preventDefault();
				void submit();
			}}
		>
			<Field label="Name" value={name} onValue={() => undefined} readOnly autocomplete="username" />
			<PasswordField
				label="Your password"
				value={password}
				onValue={setPassword}
				autocomplete="current-password"
				first
			/>
			<ProblemText request={request} />
			<Submit request={request}>Go on</Submit>
		</form>
	);
}

function AcceptanceForm({ code, name, onOver, onSignedIn }: FormProps) {
	const request = useRequest();
	const [password, setPassword] = useState('');
	const [repeated, setRepeated] = useState('');
	const demands = useDemands(password, name);

	const submit = () =>
		request.run(
			async () => {
				if (isRefused(demands)) throw new Amiss('The password does not meet the demands below it.');
				if (password !== repeated) throw new Amiss('The two passwords differ.');
				if (await acceptUnlessOver(code, password, onOver)) await arrive(onSignedIn, name);
			},
			{ 'same-password': 'That is the password that was to be changed. Choose another one.' },
		);

	return (
		<form
			aria-label="Set the password"
			onSubmit={(event) => {
				event.preventDefault();
				void submit();
			}}
		>
			<Field label="Name" value={name} onValue={() => undefined} readOnly autocomplete="username" />
			<NewPassword label="Password" value={password} onValue={setPassword} name={name} demands={demands} first />
			<PasswordField label="Repeat the password" value={repeated} onValue={setRepeated} autocomplete="new-password" />
			<ProblemText request={request} />
			<Submit request={request}>Set the password and sign in</Submit>
		</form>
	);
}
