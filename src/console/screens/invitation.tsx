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
import { useWords } from '../words/words.ts';
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
	const { common, invitation } = useWords();
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
				<Title name={invitation.title} />
				{request.problem === undefined ? <p role="status">{common.moment}</p> : <ProblemText request={request} />}
				{request.problem !== undefined && (
					<Act tone="primary" request={request} onAct={() => void look()}>
						{common.tryAgain}
					</Act>
				)}
			</Card>
		);
	}
	if (told === 'over') {
		return (
			<Card>
				<Title name={invitation.overTitle} />
				<p>{invitation.over}</p>
				<Act tone="primary" onAct={onLeft}>
					{invitation.toSignIn}
				</Act>
			</Card>
		);
	}
	if (told.for === 'new-factor') {
		return (
			<Card>
				<Title name={invitation.factorTitle} />
				<p>
					{invitation.factorLead(<strong>{told.username}</strong>)}
					{me !== undefined && ` ${invitation.signsOut(me)}`}
				</p>
				<FactorForm code={code} name={told.username} onOver={() => setTold('over')} onSignedIn={onSignedIn} />
			</Card>
		);
	}
	return (
		<Card>
			<Title name={told.for === 'new-password' ? invitation.newPasswordTitle : invitation.firstPasswordTitle} />
			<p>
				{invitation.passwordLead(<strong>{told.username}</strong>)}
				{me !== undefined && me !== told.username && ` ${invitation.signsOut(me)}`}
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
	const { common, invitation, passwords } = useWords();
	const request = useRequest();
	const [password, setPassword] = useState('');
	const submit = () =>
		request.run(
			async () => {
				if (await acceptUnlessOver(code, password, onOver)) await arrive(onSignedIn, name);
			},
			{ 'bad-credentials': { field: 'password', text: (words) => words.invitation.notYours } },
		);
	return (
		<form
			aria-label={invitation.showPassword}
			onSubmit={(event) => {
				event.preventDefault();
				void submit();
			}}
		>
			<Field label={common.name} value={name} onValue={() => undefined} readOnly autocomplete="username" />
			<PasswordField
				label={passwords.yours}
				value={password}
				onValue={setPassword}
				autocomplete="current-password"
				error={request.about('password')}
				first
			/>
			<ProblemText request={request} />
			<Submit request={request}>{common.goOn}</Submit>
		</form>
	);
}

function AcceptanceForm({ code, name, onOver, onSignedIn }: FormProps) {
	const { common, invitation, passwords } = useWords();
	const request = useRequest();
	const [password, setPassword] = useState('');
	const [repeated, setRepeated] = useState('');
	const demands = useDemands(password, name);

	const submit = () =>
		request.run(
			async () => {
				if (isRefused(demands)) throw new Amiss((words) => words.passwords.refused, 'password');
				if (password !== repeated) throw new Amiss((words) => words.passwords.differ, 'repeated');
				if (await acceptUnlessOver(code, password, onOver)) await arrive(onSignedIn, name);
			},
			{
				'same-password': { field: 'password', text: (words) => words.invitation.sameAgain },
				'weak-password': { field: 'password' },
			},
		);

	return (
		<form
			aria-label={passwords.setIt}
			onSubmit={(event) => {
				event.preventDefault();
				void submit();
			}}
		>
			<Field label={common.name} value={name} onValue={() => undefined} readOnly autocomplete="username" />
			<NewPassword
				label={common.password}
				value={password}
				onValue={setPassword}
				name={name}
				demands={demands}
				error={request.about('password')}
				first
			/>
			<PasswordField
				label={passwords.repeat}
				value={repeated}
				onValue={setRepeated}
				autocomplete="new-password"
				error={request.about('repeated')}
			/>
			<ProblemText request={request} />
			<Submit request={request}>{invitation.submit}</Submit>
		</form>
	);
}
