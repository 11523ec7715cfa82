import { useDesk, useLoaded } from '../desk.ts';
import { authenticators } from '../factors-v1.ts';
import { goTo } from '../page.ts';
import { Locked, type LockedProps } from './locked.tsx';
import { AddFactor } from './security.tsx';

/** Signed in, but nothing else may be done before a second factor is set up. */
export function Enrolment(props: LockedProps) {
	const { settle } = useDesk();
	// There are some where an invitation has led here.
	const lost = useLoaded('authenticators', () => authenticators()).value?.authenticators ?? [];
	return (
		<Locked
			{...props}
			awaited="enrolment"
			title="Set up a second factor"
			lead="Here a password alone is not enough. Before anything else, set up something that only you have."
		>
			{lost.length > 0 && <p>It takes the place of what you had: {lost.map(({ name }) => name).join(', ')}.</p>}
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
