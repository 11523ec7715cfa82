import type { FactorMethod } from '../factors-v1.ts';
import { Act } from './button.tsx';

/** What a person may be asked for to prove who they are. */
export type Way = FactorMethod | 'password' | 'certificate';

const words: Readonly<Record<Way, string>> = {
	certificate: 'Show the certificate instead',
	password: 'Use the password instead',
	passkey: 'Use a passkey instead',
	totp: 'Use a code from your app instead',
	recoveryCode: 'I have lost it: use a recovery code',
};

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
	const others = ways.filter((way) => way !== chosen);
	if (others.length === 0) return null;
	return (
		<p class="others">
			{others.map((way) => (
				<Act key={way} tone="quiet" onAct={() => onChoose(way)}>
					{words[way]}
				</Act>
			))}
		</p>
	);
}
