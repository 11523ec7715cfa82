import { useDesk, useRequest } from '../desk.ts';
import { type ApiToken, endToken } from '../session-v1.ts';
import { useWords } from '../words/words.ts';
import { Act } from './button.tsx';
import { Icon } from './icons.tsx';
import { ProblemText } from './problem-text.tsx';
import { RowList } from './row-list.tsx';
import { Ago, Day } from './time.tsx';

/** API tokens, one below the other. `of`: whose they are; absent: one's own. */
export function TokenList({
	tokens,
	of,
	onEnded,
}: {
	tokens: readonly ApiToken[];
	of?: string | undefined;
	onEnded(): Promise<void>;
}) {
	const { common } = useWords();
	return (
		<RowList
			items={tokens}
			empty={common.none}
			onEnded={onEnded}
			row={(token, ended) => <Row key={token.id} token={token} of={of} onEnded={ended} />}
		/>
	);
}

function Row({ token, of, onEnded }: { token: ApiToken; of: string | undefined; onEnded(): Promise<void> }) {
	const { say } = useDesk();
	const { common, tokens } = useWords();
	const request = useRequest();
	const { id, name, permissions, networks = [], paths = [], expiresAt, lastUsedAt, lastAddress } = token;

	const end = () =>
		request.run(
			async () => {
				await endToken(id, of);
				say((words) => words.tokens.ended(name));
				await onEnded();
			},
			{ 'not-found': (words) => words.common.hasEndedAlready },
		);

	return (
		<li class="row">
			<Icon shape="program" />
			<div class="what">
				<p class="name">
					<span>{name}</span>
					{Date.parse(expiresAt) <= Date.now() && <span class="badge warn">{tokens.expired}</span>}
				</p>
				<p class="facts">
					<span>{permissions.length === 0 ? tokens.noPermission : permissions.join(', ')}</span>
					{networks.length > 0 && <span>{tokens.from(networks.join(', '))}</span>}
					{paths.length > 0 && <span>{tokens.at(paths.join(', '))}</span>}
				</p>
				<p class="facts">
					<span>{tokens.until(<Day at={expiresAt} />)}</span>
					<span>{lastUsedAt === undefined ? common.neverUsed : tokens.used(<Ago at={lastUsedAt} />, lastAddress)}</span>
					<span>{id}</span>
				</p>
				<ProblemText request={request} />
			</div>
			<Act request={request} label={tokens.endOf(name)} onAct={end}>
				{tokens.end}
			</Act>
		</li>
	);
}
