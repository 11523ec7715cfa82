import { useState } from 'preact/hooks';
import { useDesk, useRequest } from '../desk.ts';
import { hrefOf } from '../page.ts';
import { Act, Submit } from '../parts/button.tsx';
import { isRefused } from '../parts/demands.tsx';
import { Check } from '../parts/field.tsx';
import { GivenPassword, isSuggested, nothingGiven } from '../parts/given-password.tsx';
import { useDemands } from '../parts/new-password.tsx';
import { ProblemText } from '../parts/problem-text.tsx';
import { ShownOnce } from '../parts/shown-once.tsx';
import { Amiss, type Words } from '../problem.ts';
import { changeIdentity, resetPassword } from '../session-v1.ts';
import type { SectionProps } from './identity-section.ts';

/** Setting somebody's password, or asking them to change it. Both end their sessions. */
export function PasswordSection({ identity, isMe, reload }: SectionProps) {
	const { name, hasPassword, passwordChangeNeeded } = identity;
	const { say } = useDesk();
	const request = useRequest();
	const [resets, setResets] = useState(false);
	/** A password that was suggested and set. */
	const [told, setTold] = useState<string>();

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
			{!hasPassword && <p class="hint">It has none, and signs in by certificate.</p>}
			{told !== undefined && (
				<ShownOnce
					what="the password"
					secret={told}
					hint={`Tell it to ${name} now: it is not shown again.`}
					onSeen={() => setTold(undefined)}
				/>
			)}
			{resets ? (
				<ResetForm
					name={name}
					onCancel={() => setResets(false)}
					onDone={async (suggested) => {
						setResets(false);
						setTold(suggested);
						await reload();
					}}
				/>
			) : (
				<>
					<ProblemText request={request} />
					<div class="actions">
						<Act onAct={() => setResets(true)}>{hasPassword ? 'Set another password' : 'Set a password'}</Act>
						{hasPassword && !passwordChangeNeeded && (
							<Act request={request} onAct={() => void forceChange()}>
								Require a change
							</Act>
						)}
					</div>
				</>
			)}
		</section>
	);
}

const words: Words = { 'weak-password': { field: 'password' } };

function ResetForm({
	name,
	onCancel,
	onDone,
}: {
	name: string;
	onCancel(): void;
	/** `suggested`: what nobody has typed. */
	onDone(suggested: string | undefined): Promise<void>;
}) {
	const { say } = useDesk();
	const request = useRequest();
	const [given, setGiven] = useState(nothingGiven);
	const { password } = given;
	const [mustChange, setMustChange] = useState(true);
	const demands = useDemands(password, name);

	const submit = () =>
		request.run(async () => {
			if (isRefused(demands)) throw new Amiss('The password does not meet the demands below.', 'password');
			await resetPassword(name, password, mustChange);
			say(`The password of ${name} is set. Its sessions have ended.`);
			await onDone(isSuggested(given) ? password : undefined);
		}, words);

	return (
		<form
			aria-label={`Set the password of ${name}`}
			onSubmit={(event) => {
				event.preventDefault();
				void submit();
			}}
		>
			<GivenPassword
				label="New password"
				value={given}
				onValue={setGiven}
				name={name}
				demands={demands}
				error={request.about('password')}
				first
			/>
			<Check label="Must change it when signing in" checked={mustChange} onChecked={setMustChange} />
			<ProblemText request={request} />
			<div class="actions">
				<Act onAct={onCancel}>Cancel</Act>
				<Submit request={request}>Set the password</Submit>
			</div>
		</form>
	);
}
