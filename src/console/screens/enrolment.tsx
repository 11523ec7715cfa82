import { useDesk } from '../desk.ts';
import { goTo } from '../page.ts';
import { Locked, type LockedProps } from './locked.tsx';
import { AddFactor } from './security.tsx';

/** Signed in, but nothing else may be done before a second factor is set up. */
export function Enrolment(props: LockedProps) {
	const { settle } = useDesk();
	return (
		<Locked
			{...props}
			awaited="enrolment"
			title="Set up a second factor"
			lead="Here a password alone is not enough. Before anything else, set up something that only you have."
		>
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
