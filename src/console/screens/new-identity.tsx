import { useState } from 'preact/hooks';
import { useDesk, useRequest } from '../desk.ts';
import { goTo, hrefOf } from '../page.ts';
import { Submit } from '../parts/button.tsx';
import { isRefused } from '../parts/demands.tsx';
import { Check, Field } from '../parts/field.tsx';
import { GivenPassword, isSuggested, nothingGiven } from '../parts/given-password.tsx';
import { Icon } from '../parts/icons.tsx';
import { useDemands } from '../parts/new-password.tsx';
import { noneChosen, PermissionChoice, wellFormed } from '../parts/permission-choice.tsx';
import { ProblemText } from '../parts/problem-text.tsx';
import { ShownOnce } from '../parts/shown-once.tsx';
import { Title } from '../parts/title.tsx';
import { Amiss, type Meanings } from '../problem.ts';
import { addIdentity } from '../session-v1.ts';
import { useWords } from '../words/words.ts';

const meanings: Meanings = {
	'name-taken': { field: 'name' },
	'bad-name': { field: 'name' },
	malformed: { field: 'name', text: ({ newIdentity }) => newIdentity.badName },
	'weak-password': { field: 'password' },
};

export function NewIdentityPage() {
	const { say } = useDesk();
	const { common, identities, newIdentity, passwords } = useWords();
	const request = useRequest();
	const [name, setName] = useState('');
	const [byCertificate, setByCertificate] = useState(false);
	const [given, setGiven] = useState(nothingGiven);
	const [mustChange, setMustChange] = useState(true);
	const [permissions, setPermissions] = useState(noneChosen);
	/** Done, with a password that is to be told. */
	const [made, setMade] = useState<string>();
	const { password } = given;
	const demands = useDemands(password, name);

	const submit = () =>
		request.run(async () => {
			if (!byCertificate && isRefused(demands)) {
				throw new Amiss((words) => words.passwords.refused, 'password');
			}
			await addIdentity({
				name,
				permissions: wellFormed(permissions),
				...(byCertificate ? { passwordChangeNeeded: false } : { password, passwordChangeNeeded: mustChange }),
			});
			if (!byCertificate && isSuggested(given)) setMade(password);
			else goTo({ at: 'identity', name: name.normalize('NFC') });
			say((words) => words.newIdentity.created(name));
		}, meanings);

	const back = (
		<p class="back">
			<a href={hrefOf({ at: 'identities' })}>
				<Icon shape="back" />
				{identities.title}
			</a>
		</p>
	);
	if (made !== undefined) {
		return (
			<>
				{back}
				<Title name={name} />
				<section class="card narrow">
					<ShownOnce
						what="password"
						secret={made}
						hint={passwords.tell(name)}
						onSeen={() => goTo({ at: 'identity', name: name.normalize('NFC') })}
					/>
				</section>
			</>
		);
	}
	return (
		<>
			{back}
			<Title name={newIdentity.title} />
			<section class="card narrow">
				<form
					aria-label={newIdentity.title}
					onSubmit={(event) => {
						event.preventDefault();
						void submit();
					}}
				>
					<Field
						label={common.userName}
						value={name}
						onValue={setName}
						required
						autocomplete="off"
						maxLength={1024}
						error={request.about('name')}
					/>
					<Check label={newIdentity.byCertificate} checked={byCertificate} onChecked={setByCertificate} />
					{!byCertificate && (
						<>
							<GivenPassword
								label={common.password}
								value={given}
								onValue={setGiven}
								name={name}
								demands={demands}
								error={request.about('password')}
							/>
							<Check label={passwords.mustChange} checked={mustChange} onChecked={setMustChange} />
						</>
					)}
					<PermissionChoice
						label={newIdentity.permissions}
						value={permissions}
						onValue={setPermissions}
						error={request.about('permissions')}
					/>
					<ProblemText request={request} />
					<Submit request={request}>{newIdentity.create}</Submit>
				</form>
			</section>
		</>
	);
}
