import { useLoaded } from '../desk.ts';
import { Loading } from '../parts/loading.tsx';
import { NewToken } from '../parts/new-token.tsx';
import { Title } from '../parts/title.tsx';
import { TokenList } from '../parts/token-list.tsx';
import { tokens as findTokens } from '../session-v1.ts';
import { useWords } from '../words/words.ts';
import type { SectionProps } from './identity-section.ts';

/** One's own API tokens. */
export function OwnTokens() {
	const { tokens } = useWords();
	return (
		<>
			<Title name={tokens.title} />
			<p class="lead">{tokens.lead}</p>
			<Tokens />
		</>
	);
}

/** Those of an identity, for administrators. */
export function TokensSection({ identity: { name } }: SectionProps) {
	return <Tokens of={name} />;
}

function Tokens({ of }: { of?: string }) {
	const { tokens } = useWords();
	const loaded = useLoaded(`tokens ${of ?? ''}`, () => findTokens(of));
	return (
		<section class="card list" aria-label={tokens.title}>
			{of !== undefined && <h2>{tokens.title}</h2>}
			<Loading loaded={loaded} />
			{loaded.value && (
				<>
					<TokenList tokens={loaded.value.tokens} of={of} onEnded={loaded.reload} />
					<hr />
					<NewToken of={of} onMade={loaded.reload} />
				</>
			)}
		</section>
	);
}
