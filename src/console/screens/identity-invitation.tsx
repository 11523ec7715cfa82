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
import type { SectionProps } from './identity-section.ts';

const usualHours = '24';

const password = 'A new password';
const factor = 'Another second factor';

function wordsOf(hasPassword: boolean, purpose: string): string {
	if (!hasPassword) return 'A link to set a password that nobody else has known.';
	return purpose === factor
		? 'A link for somebody who has lost every second factor. With the password it leads to where another one is set up, which takes the place of all that there were.'
		: 'A link for somebody who has forgotten the password. The present one stays until the link is used.';
}

/** Makes a link with which somebody sets their own password or second factor, and shows it once. */
export function InvitationSection({ identity: { name, hasPassword } }: SectionProps) {
	const request = useRequest();
	const [purpose, setPurpose] = useState(password);
	const [hours, setHours] = useState(usualHours);
	const [made, setMade] = useState<Invitation>();

	const submit = () =>
		request.run(async () => {
			const number = Number(hours.trim());
			if (!(Number.isInteger(number) && number >= 1 && number <= 168)) throw new Amiss('Say how many hours: 1 to 168.');
			const wanted = purpose === factor ? 'new-factor' : 'new-password';
			setMade(await invite(name, number, hasPassword ? wanted : 'first-sign-in'));
		});

	return (
		<section class="card" aria-label="Invitation">
			<h2>Invitation</h2>
			<p>{wordsOf(hasPassword, purpose)} It is good once, and takes the place of one before.</p>
			{made === undefined ? (
				<form
					aria-label={`Invite ${name}`}
					onSubmit={(event) => {
						event.preventDefault();
						void submit();
					}}
				>
					{hasPassword && <Choice label="For" value={purpose} of={[password, factor]} onValue={setPurpose} />}
					<Field label="Hours" value={hours} onValue={setHours} required autocomplete="off" maxLength={3} />
					<ProblemText request={request} />
					<Submit request={request} tone="plain">
						Make a link
					</Submit>
				</form>
			) : (
				<ShownOnce
					what="the link"
					secret={new URL(made.url, location.href).href}
					hint={
						<>
							Good until <Moment at={made.expiresAt} />. It is not shown again: send it by a way that only {name} reads.
						</>
					}
					onSeen={() => setMade(undefined)}
				>
					{made.qr !== undefined && (
						<img class="qr" alt="The link as a QR code" src={`data:image/svg+xml,${encodeURIComponent(made.qr)}`} />
					)}
				</ShownOnce>
			)}
		</section>
	);
}
