import { Locked, type LockedProps } from './locked.tsx';
import { SecondFactorForm } from './second-factor-form.tsx';

/** The password was right. Now something else that only this person has. */
export function SecondFactor(props: LockedProps) {
	return (
		<Locked {...props} awaited="second-factor" title="One more step">
			<SecondFactorForm name={props.name} onSignedIn={props.onSignedIn} />
		</Locked>
	);
}
