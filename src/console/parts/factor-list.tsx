import { useState } from 'preact/hooks';
import { useDesk, useRequest } from '../desk.ts';
import { type Authenticator, removeAuthenticator, renameAuthenticator } from '../factors-v1.ts';
import { Act, Submit } from './button.tsx';
import { Confirm } from './confirm.tsx';
import { Field } from './field.tsx';
import { Icon } from './icons.tsx';
import { ProblemText } from './problem-text.tsx';
import { RowList } from './row-list.tsx';
import { Ago, Day } from './time.tsx';

/** Second factors, one below the other. `mine`: they can be renamed and removed. */
export function FactorList({
	authenticators,
	mine,
	onChanged,
}: {
	authenticators: readonly Authenticator[];
	mine: boolean;
	onChanged(): Promise<void>;
}) {
	return (
		<RowList
			items={authenticators}
			empty={mine ? 'Anybody who knows your password can sign in as you.' : 'None is set up.'}
			onEnded={onChanged}
			row={(each, ended) => (
				<Row key={each.id} authenticator={each} mine={mine} onRemoved={ended} onRenamed={onChanged} />
			)}
		/>
	);
}

function Row({
	authenticator,
	mine,
	onRemoved,
	onRenamed,
}: {
	authenticator: Authenticator;
	mine: boolean;
	onRemoved(): Promise<void>;
	onRenamed(): Promise<void>;
}) {
	const { say } = useDesk();
	const request = useRequest();
	const [doing, setDoing] = useState<'rename' | 'remove'>();
	const [text, setText] = useState('');
	const { id, kind, name, createdAt, lastUsedAt, backedUp, disabledAt } = authenticator;

	const remove = () =>
		request.run(
			async () => {
				await removeAuthenticator(id);
				say(`${name} is removed. Your other sessions have ended.`);
				await onRemoved();
			},
			{ 'last-factor': 'You must have a second factor: set up another one first.' },
		);
	const rename = () =>
		request.run(async () => {
			await renameAuthenticator(id, text.trim());
			setDoing(undefined);
			await onRenamed();
		});

	return (
		<li class="row">
			<Icon shape={kind === 'totp' ? 'phone' : 'key'} />
			<div class="what">
				<p class="name">
					<span>{name}</span>
					{disabledAt !== undefined && <span class="badge bad">Off</span>}
				</p>
				<p class="facts">
					<span>{kind === 'totp' ? 'App with codes' : backedUp ? 'Passkey, backed up by its maker' : 'Passkey'}</span>
					<span>
						Since <Day at={createdAt} />
					</span>
					<span>
						{lastUsedAt === undefined ? (
							'Never used'
						) : (
							<>
								Used <Ago at={lastUsedAt} />
							</>
						)}
					</span>
				</p>
				{disabledAt !== undefined && (
					<p class="facts">
						{kind === 'totp'
							? 'Too many wrong codes: it proves nothing any more. Remove it, and set it up anew.'
							: 'It looks as if it was copied: it proves nothing any more. Remove it, and set it up anew.'}
					</p>
				)}
				{doing === 'rename' && (
					<form
						aria-label={`Rename ${name}`}
						onSubmit={(event) => {
							event.preventDefault();
							void rename();
						}}
					>
						<Field label="Name" value={text} onValue={setText} required first autocomplete="off" maxLength={64} />
						<div class="actions">
							<Act onAct={() => setDoing(undefined)}>Cancel</Act>
							<Submit request={request} tone="plain">
								Save
							</Submit>
						</div>
					</form>
				)}
				{doing !== 'remove' && <ProblemText request={request} />}
			</div>
			{mine && doing !== 'rename' && (
				<div class="acts">
					<Act
						more={name}
						onAct={() => {
							setText(name);
							setDoing('rename');
						}}
					>
						Rename
					</Act>
					<Act more={name} onAct={() => setDoing('remove')}>
						Remove
					</Act>
				</div>
			)}
			{doing === 'remove' && (
				<Confirm
					title={`Remove ${name}?`}
					yes="Remove"
					request={request}
					onYes={() => void remove()}
					onNo={() => setDoing(undefined)}
				>
					You can no longer sign in with it. Your other sessions end.
				</Confirm>
			)}
		</li>
	);
}
