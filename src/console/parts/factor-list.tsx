import { useState } from 'preact/hooks';
import { useDesk, useRequest } from '../desk.ts';
import { type Authenticator, removeAuthenticator, renameAuthenticator } from '../factors-v1.ts';
import { useWords } from '../words/words.ts';
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
	const { security } = useWords();
	return (
		<RowList
			items={authenticators}
			empty={mine ? security.noneMine : security.none}
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
	const { common, security } = useWords();
	const request = useRequest();
	const [doing, setDoing] = useState<'rename' | 'remove'>();
	const [text, setText] = useState('');
	const { id, kind, name, createdAt, lastUsedAt, backedUp, disabledAt } = authenticator;

	const remove = () =>
		request.run(
			async () => {
				await removeAuthenticator(id);
				say((words) => words.security.removed(name));
				await onRemoved();
			},
			{ 'last-factor': (words) => words.security.needsOne },
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
					{disabledAt !== undefined && <span class="badge bad">{security.off}</span>}
				</p>
				<p class="facts">
					<span>{kind === 'totp' ? security.app : backedUp ? security.passkeyBackedUp : security.passkey}</span>
					<span>{security.since(<Day at={createdAt} />)}</span>
					<span>{lastUsedAt === undefined ? common.neverUsed : security.used(<Ago at={lastUsedAt} />)}</span>
				</p>
				{disabledAt !== undefined && <p class="facts">{kind === 'totp' ? security.appOff : security.passkeyOff}</p>}
				{doing === 'rename' && (
					<form
						aria-label={common.renameOf(name)}
						onSubmit={(event) => {
							event.preventDefault();
							void rename();
						}}
					>
						<Field
							label={common.name}
							value={text}
							onValue={setText}
							required
							first
							autocomplete="off"
							maxLength={64}
						/>
						<div class="actions">
							<Act onAct={() => setDoing(undefined)}>{common.cancel}</Act>
							<Submit request={request} tone="plain">
								{common.save}
							</Submit>
						</div>
					</form>
				)}
				{doing !== 'remove' && <ProblemText request={request} />}
			</div>
			{mine && doing !== 'rename' && (
				<div class="acts">
					<Act
						label={common.renameOf(name)}
						onAct={() => {
							setText(name);
							setDoing('rename');
						}}
					>
						{common.rename}
					</Act>
					<Act label={common.removeOf(name)} onAct={() => setDoing('remove')}>
						{common.remove}
					</Act>
				</div>
			)}
			{doing === 'remove' && (
				<Confirm
					title={security.removeTitle(name)}
					yes={common.remove}
					request={request}
					onYes={() => void remove()}
					onNo={() => setDoing(undefined)}
				>
					{security.removeText}
				</Confirm>
			)}
		</li>
	);
}
