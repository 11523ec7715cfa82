import { useState } from 'preact/hooks';
import { useDesk, useRequest } from '../desk.ts';
import { goTo } from '../page.ts';
import { Act, Submit } from '../parts/button.tsx';
import { Confirm } from '../parts/confirm.tsx';
import {
	adminPermission,
	type Chosen,
	PermissionChoice,
	permissionsOf,
	wellFormed,
} from '../parts/permission-choice.tsx';
import { ProblemText } from '../parts/problem-text.tsx';
import { changeIdentity, removeIdentity } from '../session-v1.ts';
import { useWords } from '../words/words.ts';
import type { SectionProps } from './identity-section.ts';

export function PermissionsSection({ identity: { name, permissions }, isMe, reload }: SectionProps) {
	const { say, settle } = useDesk();
	const { common, identity } = useWords();
	const request = useRequest();
	const [chosen, setChosen] = useState<Chosen>({ ticked: permissions, typed: '' });
	const [asking, setAsking] = useState(false);
	const wanted = permissionsOf(chosen);
	const givesAway = isMe && permissions.includes(adminPermission) && !wanted.includes(adminPermission);

	const save = () =>
		request.run(async () => {
			await changeIdentity(name, { permissions: wellFormed(chosen) });
			setAsking(false);
			setChosen({ ticked: wanted, typed: '' });
			say((words) => words.identity.permissionsSaved(name));
			await (isMe ? settle() : reload());
		});

	return (
		<section class="card" aria-label={identity.permissions}>
			<h2>{identity.permissions}</h2>
			<form
				aria-label={identity.permissionsOf(name)}
				onSubmit={(event) => {
					event.preventDefault();
					if (givesAway) setAsking(true);
					else void save();
				}}
			>
				<PermissionChoice
					label={identity.mayOpen(name)}
					held={permissions}
					value={chosen}
					onValue={setChosen}
					error={request.about('permissions')}
				/>
				{!asking && <ProblemText request={request} />}
				<Submit request={request} tone="plain">
					{common.save}
				</Submit>
			</form>
			{asking && (
				<Confirm
					title={identity.giveUpTitle}
					yes={identity.giveUp}
					request={request}
					onYes={() => void save()}
					onNo={() => setAsking(false)}
				>
					{identity.giveUpText(<code>{adminPermission}</code>)}
				</Confirm>
			)}
		</section>
	);
}

export function AccessSection({ identity: { name, disabled }, reload }: SectionProps) {
	const { say } = useDesk();
	const { identity } = useWords();
	const request = useRequest();

	const change = () =>
		request.run(async () => {
			await changeIdentity(name, { disabled: !disabled });
			say((words) => (disabled ? words.identity.enabled(name) : words.identity.disabled(name)));
			await reload();
		});

	return (
		<section class="card" aria-label={identity.access}>
			<h2>{identity.access}</h2>
			<p>{disabled ? identity.isDisabled(name) : identity.disabling(name)}</p>
			<ProblemText request={request} />
			<Act request={request} onAct={() => void change()}>
				{disabled ? identity.enable : identity.disable}
			</Act>
		</section>
	);
}

export function RemovalSection({ identity: { name } }: SectionProps) {
	const { say } = useDesk();
	const { common, identity } = useWords();
	const request = useRequest();
	const [asking, setAsking] = useState(false);

	const remove = () =>
		request.run(async () => {
			await removeIdentity(name);
			goTo({ at: 'identities' });
			say((words) => words.identity.removed(name));
		});

	return (
		<section class="card" aria-label={identity.removal}>
			<h2>{identity.removal}</h2>
			<p>{identity.removing(name)}</p>
			<Act tone="danger" onAct={() => setAsking(true)}>
				{common.remove}
			</Act>
			{asking && (
				<Confirm
					title={identity.removeTitle(name)}
					yes={common.remove}
					request={request}
					onYes={() => void remove()}
					onNo={() => setAsking(false)}
				>
					{identity.removeText}
				</Confirm>
			)}
		</section>
	);
}
