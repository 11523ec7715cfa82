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
import { Amiss, type Words } from '../problem.ts';
import { addIdentity } from '../session-v1.ts';

const words: Words = {
	'name-taken': { field: 'name' },
	'bad-name': { field: 'name' },
	malformed: { field: 'name', text: 'A user name has printable characters, and no space at either end.' },
	'weak-password': { field: 'password' },
};

export function NewIdentityPage() {
	const { say } = useDesk();
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
				throw new Amiss('The password does not meet the demands below.', 'password');
			}
			await addIdentity({
				name,
				permissions: wellFormed(permissions),
				...(byCertificate ? { passwordChangeNeeded: false } : { password, passwordChangeNeeded: mustChange }),
			});
			if (!byCertificate && isSuggested(given)) setMade(password);
			else goTo({ at: 'identity', name: name.normalize('NFC') });
			say(`${name} can sign in now.`);
		}, words);

	const back = (
		<p class="back">
			<a href={hrefOf({ at: 'identities' })}>
				<Icon shape="back" />
				Identities
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
						what="the password"
						secret={made}
						hint={`Tell it to ${name} now: it is not shown again.`}
						onSeen={() => goTo({ at: 'identity', name: name.normalize('NFC') })}
					/>
				</section>
			</>
		);
	}
	return (
		<>
			{back}
			<Title name="New identity" />
			<section class="card narrow">
				<form
					aria-label="New identity"
					onSubmit={(event) => {
						event.preventDefault();
						void submit();
					}}
				>
					<Field
						label="User name"
						value={name}
						onValue={setName}
						required
						autocomplete="off"
						maxLength={1024}
						error={request.about('name')}
					/>
					<Check label="Signs in by certificate only" checked={byCertificate} onChecked={setByCertificate} />
					{!byCertificate && (
						<>
							<GivenPassword
								label="Password"
								value={given}
								onValue={setGiven}
								name={name}
								demands={demands}
								error={request.about('password')}
							/>
							<Check label="Must change it when signing in" checked={mustChange} onChecked={setMustChange} />
						</>
					)}
					<PermissionChoice
						label="What it may open"
						value={permissions}
						onValue={setPermissions}
						error={request.about('permissions')}
					/>
					<ProblemText request={request} />
					<Submit request={request}>Create</Submit>
				</form>
			</section>
		</>
	);
}
