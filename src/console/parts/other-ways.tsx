import type { FactorMethod } from '../factors-v1.ts';
import { useWords } from '../words/words.ts';
import { Act } from './button.tsx';

/** What a person may be asked for to prove who they are. */
export type Way = FactorMethod | 'password' | 'certificate';

/** The ways besides the one that is open. Nothing where there is none. */
export function OtherWays<Each extends Way>({
	ways,
	chosen,
	onChoose,
}: {
	ways: readonly Each[];
	chosen: Each;
	onChoose(way: Each): void;
}) {
	const { secondFactor } = useWords();
	const others = ways.filter((way) => way !== chosen);
	if (others.length === 0) return null;
	return (
		<p class="others">
			{others.map((way) => (
				<Act key={way} tone="quiet" onAct={() => onChoose(way)}>
					{secondFactor.otherWays[way]}
				</Act>
			))}
		</p>
	);
}
