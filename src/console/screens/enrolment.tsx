import { useDesk, useLoaded } from '../desk.ts';
import { authenticators } from '../factors-v1.ts';
import { goTo } from '../page.ts';
import { useWords } from '../words/words.ts';
import { Locked, type LockedProps } from './locked.tsx';
import { AddFactor } from './security.tsx';

/** Signed in, but nothing else may be done before a second factor is set up. */
export function Enrolment(props: LockedProps) {
	const { settle } = useDesk();
	const { secondFactor } = useWords();
	// There are some where an invitation has led here.
	const lost = useLoaded('authenticators', () => authenticators()).value?.authenticators ?? [];
	return (
		<Locked {...props} awaited="enrolment" title={secondFactor.enrolmentTitle} lead={secondFactor.enrolmentLead}>
			{lost.length > 0 && <p>{secondFactor.replaces(lost.map(({ name }) => name).join(', '))}</p>}
			<AddFactor
				onAdded={async () => {
					// Recovery codes come next.
					goTo({ at: 'security' });
					await settle();
				}}
			/>
		</Locked>
	);
}
