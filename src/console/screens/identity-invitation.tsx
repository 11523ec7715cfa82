import { useState } from 'preact/hooks';
import { useRequest } from '../desk.ts';
import { Submit } from '../parts/button.tsx';
import { Choice } from '../parts/choice.tsx';
import { Field } from '../parts/field.tsx';
import { ProblemText } from '../parts/problem-text.tsx';
import { ShownOnce } from '../parts/shown-once.tsx';
import { Moment } from '../parts/time.tsx';
import { Amiss } from '../problem.ts';
import { type Invitation, invite } from '../session-v1.ts';
import { useWords } from '../words/words.ts';
import type { SectionProps } from './identity-section.ts';

const usualHours = '24';

const purposes = ['new-password', 'new-factor'] as const;
type Purpose = (typeof purposes)[number];

/** Makes a link with which somebody sets their own password or second factor, and shows it once. */
export function InvitationSection({ identity: { name, hasPassword } }: SectionProps) {
	const { inviting } = useWords();
	const request = useRequest();
	const [purpose, setPurpose] = useState<Purpose>('new-password');
	const [hours, setHours] = useState(usualHours);
	const [made, setMade] = useState<Invitation>();

	const submit = () =>
		request.run(async () => {
			const number = Number(hours.trim());
			if (!(Number.isInteger(number) && number >= 1 && number <= 168))
				throw new Amiss((words) => words.inviting.hoursWrong);
			setMade(await invite(name, number, hasPassword ? purpose : 'first-sign-in'));
		});

	return (
		<section class="card" aria-label={inviting.title}>
			<h2>{inviting.title}</h2>
			<p>{!hasPassword ? inviting.first : purpose === 'new-factor' ? inviting.factor : inviting.password}</p>
			{made === undefined ? (
				<form
					aria-label={inviting.invite(name)}
					onSubmit={(event) => {
						event.preventDefault();
						void submit();
					}}
				>
					{hasPassword && (
						<Choice
							label={inviting.for}
							value={purpose}
							of={purposes}
							names={inviting.purposes}
							onValue={(value) => setPurpose(value)}
						/>
					)}
					<Field label={inviting.hours} value={hours} onValue={setHours} required autocomplete="off" maxLength={3} />
					<ProblemText request={request} />
					<Submit request={request} tone="plain">
						{inviting.make}
					</Submit>
				</form>
			) : (
				<ShownOnce
					what="link"
					secret={new URL(made.url, location.href).href}
					hint={inviting.goodUntil(<Moment at={made.expiresAt} />, name)}
					onSeen={() => setMade(undefined)}
				>
					{made.qr !== undefined && (
						<img class="qr" alt={inviting.qr} src={`data:image/svg+xml,${encodeURIComponent(made.qr)}`} />
					)}
				</ShownOnce>
			)}
		</section>
	);
}
