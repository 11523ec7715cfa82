import type { PasswordPolicy } from '../session-v1.ts';
import { useWords, type Words } from '../words/words.ts';
import { Icon } from './icons.tsx';

export interface Demand {
	readonly text: (words: Words['demands']) => string;
	/** `unknown`: only the service can tell, once it is asked. */
	readonly met: boolean | 'unknown';
}

const productName = 'latchkey';
/** Shorter names stand in too many honest passwords. */
const minNameLength = 4;

/** What the policy asks of a new password, judged as far as a page can. The service has the last word. */
export function demandsOf(policy: PasswordPolicy, password: string, name: string): readonly Demand[] {
	const text = password.normalize('NFC');
	const lower = text.toLowerCase();
	const own = name.normalize('NFC').toLowerCase();
	const demands: Demand[] = [lengthOf(policy, text)];
	if (policy.requireDigits) demands.push({ text: ({ digit }) => digit, met: /\p{Nd}/u.test(text) });
	if (policy.requireBothCases) {
		demands.push({ text: ({ bothCases }) => bothCases, met: /\p{Lu}/u.test(text) && /\p{Ll}/u.test(text) });
	}
	if (policy.requireSpecialCharacters) {
		demands.push({ text: ({ special }) => special, met: /[^\p{L}\p{N}]/u.test(text) });
	}
	if (policy.refuseCommon) {
		const named = own !== '' && (lower === own || (own.length >= minNameLength && lower.includes(own)));
		demands.push(
			{
				text: ({ noNames }) => noNames(productName),
				met: text !== '' && !named && !lower.includes(productName),
			},
			{ text: ({ notCommon }) => notCommon, met: 'unknown' },
		);
	}
	return demands;
}

/** Whether somebody has a second factor, the service knows. */
function lengthOf({ minLength, minLengthAlone = minLength }: PasswordPolicy, text: string): Demand {
	const least = Math.max(minLength, minLengthAlone);
	const length = text.trim() === '' ? 0 : [...text].length;
	const short = length >= minLength ? 'unknown' : false;
	return {
		text: (words) => (least > minLength ? words.lengthOr(least, minLength) : words.length(least)),
		met: length >= least ? true : short,
	};
}

export const isRefused = (demands: readonly Demand[]) => demands.some(({ met }) => met === false);

export function Demands({ id, demands }: { id: string; demands: readonly Demand[] }) {
	const { demands: words } = useWords();
	return (
		<ul class="demands" id={id}>
			{demands.map(({ text, met }, nth) => (
				<li key={nth} data-met={met}>
					<Icon shape={met === 'unknown' ? 'later' : met ? 'met' : 'notMet'} />
					{text(words)}
					{met !== 'unknown' && <span class="unseen">{met ? words.met : words.notMet}</span>}
				</li>
			))}
		</ul>
	);
}
