import { useState } from 'preact/hooks';
import { useRequest } from '../desk.ts';
import { Amiss } from '../problem.ts';
import { addToken, type MadeToken } from '../session-v1.ts';
import { Submit } from './button.tsx';
import { Field } from './field.tsx';
import { misshapen, PermissionsField, parsePermissions } from './permissions-field.tsx';
import { ProblemText } from './problem-text.tsx';
import { ShownOnce } from './shown-once.tsx';

const usualDays = '90';

/** Makes an API token, and shows it once. `of`: whose it is; absent: one's own. */
export function NewToken({ of, onMade }: { of?: string | undefined; onMade(): Promise<void> }) {
	const request = useRequest();
	const [made, setMade] = useState<MadeToken>();
	const [name, setName] = useState('');
	const [permissions, setPermissions] = useState('');
	const [networks, setNetworks] = useState('');
	const [days, setDays] = useState(usualDays);

	const submit = () =>
		request.run(async () => {
			const wanted = parsePermissions(permissions);
			const wrong = misshapen(wanted);
			if (wrong !== undefined) throw new Amiss(`“${wrong}” cannot be a permission.`, 'permissions');
			if (!/^\d{1,3}$/.test(days.trim())) throw new Amiss('Say how many days it lives: 1 to 366.', 'days');
			const from = networks.split(/[\s,]+/).filter((word) => word !== '');
			const token = {
				name: name.trim(),
				permissions: wanted,
				expiresInDays: Number(days),
				...(from.length > 0 && { networks: from }),
			};
			setMade(await addToken(token, of));
			setName('');
			setPermissions('');
			setNetworks('');
			setDays(usualDays);
			await onMade();
		});

	if (made !== undefined) {
		return (
			<ShownOnce
				what="the token"
				secret={made.token}
				hint="Keep it now: it is not shown again."
				onSeen={() => setMade(undefined)}
			/>
		);
	}
	return (
		<form
			aria-label="New API token"
			onSubmit={(event) => {
				event.preventDefault();
				void submit();
			}}
		>
			<Field label="What it is for" value={name} onValue={setName} required autocomplete="off" maxLength={100} />
			<PermissionsField
				label="Permissions"
				value={permissions}
				onValue={setPermissions}
				error={request.about('permissions')}
			/>
			<Field
				label="Networks"
				value={networks}
				onValue={setNetworks}
				autocomplete="off"
				hint="Where it is taken from, as 10.0.0.0/8. Empty: from everywhere."
			/>
			<Field
				label="Days"
				value={days}
				onValue={setDays}
				required
				autocomplete="off"
				maxLength={3}
				error={request.about('days')}
			/>
			<ProblemText request={request} />
			<Submit request={request}>Make a token</Submit>
		</form>
	);
}
