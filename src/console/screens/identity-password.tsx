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
import { Amiss, type Meanings } from '../problem.ts';
import { changeIdentity, resetPassword } from '../session-v1.ts';
import { useWords } from '../words/words.ts';
import type { SectionProps } from './identity-section.ts';

/** Setting somebody's password, or asking them to change it. Both end their sessions. */
export function PasswordSection({ identity: shown, isMe, reload }: SectionProps) {
	const { identity, passwords, tabs } = useWords();
	const { name, hasPassword, passwordChangeNeeded } = shown;
	const { say } = useDesk();
	const request = useRequest();
	/** `undefined`: not asked for yet. */
	const [resets, setResets] = useState<boolean | 'cancelled'>();
	/** A password that was suggested and set. */
	const [told, setTold] = useState<string>();

	const forceChange = () =>
		request.run(async () => {
			await changeIdentity(name, { passwordChangeNeeded: true });
			say((words) => words.identity.changeRequired(name));
			await reload();
		});

	if (isMe) {
		return (
			<section class="card" aria-label={identity.password}>
				<h2>{identity.password}</h2>
				<p>{identity.ownPassword(<a href={hrefOf({ at: 'password' })}>{tabs.password}</a>)}</p>
			</section>
		);
	}
	return (
		<section class="card" aria-label={identity.password}>
			<h2>{identity.password}</h2>
			{!hasPassword && <p class="hint">{identity.noPassword}</p>}
			{told !== undefined && (
				<ShownOnce what="password" secret={told} hint={passwords.tell(name)} onSeen={() => setTold(undefined)} />
			)}
			{resets === true ? (
				<ResetForm
					name={name}
					onCancel={() => setResets('cancelled')}
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
						<Act first={resets === 'cancelled'} onAct={() => setResets(true)}>
							{hasPassword ? identity.setAnother : identity.setOne}
						</Act>
						{hasPassword && !passwordChangeNeeded && (
							<Act request={request} onAct={() => void forceChange()}>
								{identity.requireChange}
							</Act>
						)}
					</div>
				</>
			)}
		</section>
	);
}

const meanings: Meanings = { 'weak-password': { field: 'password' } };

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
	const { common, identity, passwords } = useWords();
	const [given, setGiven] = useState(nothingGiven);
	const { password } = given;
	const [mustChange, setMustChange] = useState(true);
	const demands = useDemands(password, name);

	const submit = () =>
		request.run(async () => {
			if (isRefused(demands)) throw new Amiss((words) => words.passwords.refused, 'password');
			await resetPassword(name, password, mustChange);
			say((words) => words.identity.passwordSet(name));
			await onDone(isSuggested(given) ? password : undefined);
		}, meanings);

	return (
		<form
			aria-label={identity.setPasswordOf(name)}
			onSubmit={(event) => {
				event.preventDefault();
				void submit();
			}}
		>
			<GivenPassword
				label={passwords.new}
				value={given}
				onValue={setGiven}
				name={name}
				demands={demands}
				error={request.about('password')}
				first
			/>
			<Check label={passwords.mustChange} checked={mustChange} onChecked={setMustChange} />
			<ProblemText request={request} />
			<div class="actions">
				<Act onAct={onCancel}>{common.cancel}</Act>
				<Submit request={request}>{passwords.setIt}</Submit>
			</div>
		</form>
	);
}
