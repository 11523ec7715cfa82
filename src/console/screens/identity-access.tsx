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
import type { SectionProps } from './identity-section.ts';

export function PermissionsSection({ identity: { name, permissions }, isMe, reload }: SectionProps) {
	const { say, settle } = useDesk();
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
			say(`The permissions of ${name} are saved.`);
			await (isMe ? settle() : reload());
		});

	return (
		<section class="card" aria-label="Permissions">
			<h2>Permissions</h2>
			<form
				aria-label={`Permissions of ${name}`}
				onSubmit={(event) => {
					event.preventDefault();
					if (givesAway) setAsking(true);
					else void save();
				}}
			>
				<PermissionChoice
					label={`What ${name} may open`}
					held={permissions}
					value={chosen}
					onValue={setChosen}
					error={request.about('permissions')}
				/>
				{!asking && <ProblemText request={request} />}
				<Submit request={request} tone="plain">
					Save
				</Submit>
			</form>
			{asking && (
				<Confirm
					title="Give up administration?"
					yes="Give it up"
					request={request}
					onYes={() => void save()}
					onNo={() => setAsking(false)}
				>
					Without <code>{adminPermission}</code> you cannot take this back yourself.
				</Confirm>
			)}
		</section>
	);
}

export function AccessSection({ identity: { name, disabled }, reload }: SectionProps) {
	const { say } = useDesk();
	const request = useRequest();

	const change = () =>
		request.run(async () => {
			await changeIdentity(name, { disabled: !disabled });
			say(disabled ? `${name} can sign in again.` : `${name} cannot sign in any more. Its sessions have ended.`);
			await reload();
		});

	return (
		<section class="card" aria-label="Access">
			<h2>Access</h2>
			<p>
				{disabled
					? `${name} is disabled, and cannot sign in.`
					: `Disabling ${name} ends its sessions. Its permissions and password are kept.`}
			</p>
			<ProblemText request={request} />
			<Act request={request} onAct={() => void change()}>
				{disabled ? 'Enable' : 'Disable'}
			</Act>
		</section>
	);
}

export function RemovalSection({ identity: { name } }: SectionProps) {
	const { say } = useDesk();
	const request = useRequest();
	const [asking, setAsking] = useState(false);

	const remove = () =>
		request.run(async () => {
			await removeIdentity(name);
			goTo({ at: 'identities' });
			say(`${name} is removed.`);
		});

	return (
		<section class="card" aria-label="Removal">
			<h2>Removal</h2>
			<p>
				Removing {name} ends its sessions and forgets its permissions. An identity added later under this name is a new
				one.
			</p>
			<Act tone="danger" onAct={() => setAsking(true)}>
				Remove
			</Act>
			{asking && (
				<Confirm
					title={`Remove ${name}?`}
					yes="Remove"
					request={request}
					onYes={() => void remove()}
					onNo={() => setAsking(false)}
				>
					This cannot be undone.
				</Confirm>
			)}
		</section>
	);
}
