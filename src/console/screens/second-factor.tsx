import { useWords } from '../words/words.ts';
import { Locked, type LockedProps } from './locked.tsx';
import { SecondFactorForm } from './second-factor-form.tsx';

/** The password was right. Now something else that only this person has. */
export function SecondFactor(props: LockedProps) {
	const { secondFactor } = useWords();
	return (
		<Locked {...props} awaited="second-factor" title={secondFactor.title}>
			<SecondFactorForm name={props.name} onSignedIn={props.onSignedIn} />
		</Locked>
	);
}
