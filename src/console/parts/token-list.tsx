import { useDesk, useRequest } from '../desk.ts';
import { type ApiToken, endToken } from '../session-v1.ts';
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
	return (
		<RowList
			items={tokens}
			empty="There is none."
			onEnded={onEnded}
			row={(token, ended) => <Row key={token.id} token={token} of={of} onEnded={ended} />}
		/>
	);
}

function Row({ token, of, onEnded }: { token: ApiToken; of: string | undefined; onEnded(): Promise<void> }) {
	const { say } = useDesk();
	const request = useRequest();
	const { id, name, permissions, networks = [], paths = [], expiresAt, lastUsedAt, lastAddress } = token;

	const end = () =>
		request.run(
			async () => {
				await endToken(id, of);
				say(`API token ended: ${name}.`);
				await onEnded();
			},
			{ 'not-found': 'It has ended already.' },
		);

	return (
		<li class="row">
			<Icon shape="program" />
			<div class="what">
				<p class="name">
					<span>{name}</span>
					{Date.parse(expiresAt) <= Date.now() && <span class="badge warn">Expired</span>}
				</p>
				<p class="facts">
					<span>{permissions.length === 0 ? 'No permission' : permissions.join(', ')}</span>
					{networks.length > 0 && <span>From {networks.join(', ')}</span>}
					{paths.length > 0 && <span>At {paths.join(', ')}</span>}
				</p>
				<p class="facts">
					<span>
						Until <Day at={expiresAt} />
					</span>
					<span>
						{lastUsedAt === undefined ? (
							'Never used'
						) : (
							<>
								Used <Ago at={lastUsedAt} /> from {lastAddress}
							</>
						)}
					</span>
					<span>{id}</span>
				</p>
				<ProblemText request={request} />
			</div>
			<Act request={request} more={`API token: ${name}`} onAct={end}>
				End
			</Act>
		</li>
	);
}
