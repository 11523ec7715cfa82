import { useState } from 'preact/hooks';
import { useRequest } from '../desk.ts';
import { Amiss } from '../problem.ts';
import { addToken, type MadeToken } from '../session-v1.ts';
import { useWords } from '../words/words.ts';
import { Submit } from './button.tsx';
import { Field } from './field.tsx';
import { misshapen, PermissionsField, parsePermissions } from './permissions-field.tsx';
import { ProblemText } from './problem-text.tsx';
import { ShownOnce } from './shown-once.tsx';

const usualDays = '90';

/** Makes an API token, and shows it once. `of`: whose it is; absent: one's own. */
export function NewToken({ of, onMade }: { of?: string | undefined; onMade(): Promise<void> }) {
	const { tokens } = useWords();
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
			if (wrong !== undefined) throw new Amiss(({ problems }) => problems.notAPermission(wrong), 'permissions');
			if (!/^\d{1,3}$/.test(days.trim())) throw new Amiss((words) => words.tokens.daysWrong, 'days');
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
		return <ShownOnce what="token" secret={made.token} hint={tokens.keep} onSeen={() => setMade(undefined)} />;
	}
	return (
		<form
			aria-label={tokens.new}
			onSubmit={(event) => {
				event.preventDefault();
				void submit();
			}}
		>
			<Field label={tokens.purpose} value={name} onValue={setName} required autocomplete="off" maxLength={100} />
			<PermissionsField
				label={tokens.permissions}
				value={permissions}
				onValue={setPermissions}
				error={request.about('permissions')}
			/>
			<Field
				label={tokens.networks}
				value={networks}
				onValue={setNetworks}
				autocomplete="off"
				hint={tokens.networksHint}
			/>
			<Field
				label={tokens.days}
				value={days}
				onValue={setDays}
				required
				autocomplete="off"
				maxLength={3}
				error={request.about('days')}
			/>
			<ProblemText request={request} />
			<Submit request={request}>{tokens.make}</Submit>
		</form>
	);
}
