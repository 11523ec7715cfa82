import { useState } from 'preact/hooks';
import { useDesk, useRequest } from '../desk.ts';
import { hrefOf } from '../page.ts';
import { Act, Submit } from '../parts/button.tsx';
import { isRefused } from '../parts/demands.tsx';
import { Check } from '../parts/field.tsx';
import { GivenPassword } from '../parts/given-password.tsx';
import { useDemands } from '../parts/new-password.tsx';
import { ProblemText } from '../parts/problem-text.tsx';
import { Amiss } from '../problem.ts';
import { changeIdentity, resetPassword } from '../session-v1.ts';
import type { SectionProps } from './identity-section.ts';

/** Setting somebody's password, or asking them to change it. Both end their sessions. */
export function PasswordSection({ identity, isMe, reload }: SectionProps) {
	const { name, hasPassword, passwordChangeNeeded } = identity;
	const { say } = useDesk();
	const request = useRequest();

	const forceChange = () =>
		request.run(async () => {
			await changeIdentity(name, { passwordChangeNeeded: true });
			say(`${name} must change the password when signing in.`);
			await reload();
		});

	if (isMe) {
		return (
			<section class="card" aria-label="Password">
				<h2>Password</h2>
				<p>
					Your own is changed under <a href={hrefOf({ at: 'password' })}>Password</a>.
				</p>
			</section>
		);
	}
	return (
		<section class="card" aria-label="Password">
			<h2>Password</h2>
			<ResetForm name={name} hasPassword={hasPassword} onDone={reload} />
			{hasPassword && !passwordChangeNeeded && (
				<>
					<hr />
					<p class="hint">Or keep it, and have it changed at the next sign-in.</p>
					<ProblemText request={request} />
					<Act request={request} onAct={() => void forceChange()}>
						Require a change
					</Act>
				</>
			)}
		</section>
	);
}

function ResetForm({ name, hasPassword, onDone }: { name: string; hasPassword: boolean; onDone(): Promise<void> }) {
	const { say } = useDesk();
	const request = useRequest();
	const [password, setPassword] = useState('');
	const [mustChange, setMustChange] = useState(true);
	const demands = useDemands(password, name);

	const submit = () =>
		request.run(async () => {
			if (isRefused(demands)) throw new Amiss('The password does not meet the demands below it.');
			await resetPassword(name, password, mustChange);
			setPassword('');
			say(`The password of ${name} is set. Its sessions have ended.`);
			await onDone();
		});

	return (
		<form
			aria-label={`Set the password of ${name}`}
			onSubmit={(event) => {
				event.preventDefault();
				void submit();
			}}
		>
			{!hasPassword && <p class="hint">It has none so far, and signs in by certificate.</p>}
			<GivenPassword label="New password" value={password} onValue={setPassword} name={name} demands={demands} />
			<Check label="Must change it when signing in" checked={mustChange} onChecked={setMustChange} />
			<ProblemText request={request} />
			<Submit request={request} tone="plain">
				Set the password
			</Submit>
		</form>
	);
}
