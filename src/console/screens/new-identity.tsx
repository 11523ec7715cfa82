import { useState } from 'preact/hooks';
import { useDesk, useRequest } from '../desk.ts';
import { goTo, hrefOf } from '../page.ts';
import { Submit } from '../parts/button.tsx';
import { isRefused } from '../parts/demands.tsx';
import { Check, Field } from '../parts/field.tsx';
import { GivenPassword } from '../parts/given-password.tsx';
import { Icon } from '../parts/icons.tsx';
import { useDemands } from '../parts/new-password.tsx';
import { misshapen, PermissionsField, parsePermissions } from '../parts/permissions-field.tsx';
import { ProblemText } from '../parts/problem-text.tsx';
import { Title } from '../parts/title.tsx';
import { Amiss } from '../problem.ts';
import { addIdentity } from '../session-v1.ts';

export function NewIdentityPage() {
	const { say } = useDesk();
	const request = useRequest();
	const [name, setName] = useState('');
	const [byCertificate, setByCertificate] = useState(false);
	const [password, setPassword] = useState('');
	const [mustChange, setMustChange] = useState(true);
	const [permissions, setPermissions] = useState('');
	const demands = useDemands(password, name);

	const submit = () =>
		request.run(async () => {
			const wanted = parsePermissions(permissions);
			const wrong = misshapen(wanted);
			if (wrong !== undefined) throw new Amiss(`“${wrong}” can be no permission.`);
			if (!byCertificate && isRefused(demands)) throw new Amiss('The password does not meet the demands below it.');
			await addIdentity({
				name,
				permissions: wanted,
				...(byCertificate ? { passwordChangeNeeded: false } : { password, passwordChangeNeeded: mustChange }),
			});
			goTo({ at: 'identity', name: name.normalize('NFC') });
			say(`${name} can sign in now.`);
		});

	return (
		<>
			<p class="back">
				<a href={hrefOf({ at: 'identities' })}>
					<Icon shape="back" />
					Identities
				</a>
			</p>
			<Title name="New identity" />
			<section class="card narrow">
				<form
					aria-label="New identity"
					onSubmit={(event) => {
						event.preventDefault();
						void submit();
					}}
				>
					<Field label="Name" value={name} onValue={setName} required autocomplete="off" maxLength={1024} />
					<Check label="Signs in by certificate only" checked={byCertificate} onChecked={setByCertificate} />
					{!byCertificate && (
						<>
							<GivenPassword label="Password" value={password} onValue={setPassword} name={name} demands={demands} />
							<Check label="Must change it when signing in" checked={mustChange} onChecked={setMustChange} />
						</>
					)}
					<PermissionsField label="Permissions" value={permissions} onValue={setPermissions} />
					<ProblemText request={request} />
					<Submit request={request}>Create</Submit>
				</form>
			</section>
		</>
	);
}
