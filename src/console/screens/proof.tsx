import { useEffect, useState } from 'preact/hooks';
import { type ProofNeeded, provesBy, SessionOver } from '../api.ts';
import { useRequest } from '../desk.ts';
import { Act, Submit } from '../parts/button.tsx';
import { Dialog } from '../parts/dialog.tsx';
import { Field } from '../parts/field.tsx';
import { PasswordField } from '../parts/password-field.tsx';
import { ProblemText } from '../parts/problem-text.tsx';
import { proveAgain } from '../session-v1.ts';

/** Waits until something that is asked for needs a proof, asks the person for it, and lets that go on. */
export function Proof({ name }: { name: string }) {
	const [waiting, setWaiting] = useState<Waiting>();

	useEffect(() => {
		let current: PromiseWithResolvers<boolean> | undefined;
		provesBy((needed) => {
			// One question for all that wait for its answer.
			if (current === undefined) {
				current = Promise.withResolvers<boolean>();
				setWaiting({ ...current, needed });
				const answered = () => {
					current = undefined;
					setWaiting(undefined);
				};
				current.promise.then(answered, answered);
			}
			return current.promise;
		});
		return () => {
			current?.resolve(false);
			provesBy(async () => false);
		};
	}, []);

	return waiting ? <Question name={name} waiting={waiting} /> : null;
}

interface Waiting extends PromiseWithResolvers<boolean> {
	readonly needed: ProofNeeded;
}

/** What can be typed, or shown by the browser itself, in this order. */
const ways = ['password', 'totp', 'certificate'] as const;

const texts = {
	password: 'You signed in a while ago. Give your password again, to go on.',
	totp: 'A second factor is needed to go on: the code that your app shows now.',
	certificate: 'You signed in a while ago. Show your certificate again, to go on.',
} as const;

const words = {
	password: { 'bad-credentials': 'The password is wrong.', malformed: 'The password is wrong.' },
	totp: {
		'bad-credentials': 'The code is wrong.',
		'wrong-code': 'The code is wrong.',
		malformed: 'The code is wrong.',
	},
	certificate: { 'bad-certificate': 'The browser has not shown the certificate that you signed in with.' },
} as const;

function Question({ name, waiting }: { name: string; waiting: Waiting }) {
	const request = useRequest();
	const [typed, setTyped] = useState('');
	const { methods, level } = waiting.needed;
	const way = ways.find((one) => methods.includes(one));
	const cancel = () => waiting.resolve(false);

	const confirm = () =>
		request.run(async () => {
			try {
				await proveAgain(way === 'totp' ? { code: typed } : way === 'password' ? { password: typed } : undefined);
				waiting.resolve(true);
			} catch (fault) {
				// Whoever asked first looks where we stand.
				if (!(fault instanceof SessionOver)) throw fault;
				waiting.reject(fault);
			}
		}, way && words[way]);

	if (way === undefined) {
		return (
			<Dialog title="Is it you?" onEscape={cancel}>
				<p>
					{methods.length > 0
						? 'A passkey is needed to go on. Sign out, and sign in with it.'
						: level > 1
							? 'A second factor is needed to go on, and you have set none up.'
							: 'Sign out, and sign in again, to go on.'}
				</p>
				<div class="actions">
					<Act onAct={cancel}>Cancel</Act>
				</div>
			</Dialog>
		);
	}
	return (
		<Dialog title="Is it you?" onEscape={cancel}>
			<p>{texts[way]}</p>
			<form
				aria-label="Confirm that it is you"
				onSubmit={(event) => {
					event.preventDefault();
					void confirm();
				}}
			>
				<Field label="Name" value={name} onValue={() => {}} autocomplete="username" readOnly />
				{way === 'password' && (
					<PasswordField label="Your password" value={typed} onValue={setTyped} autocomplete="current-password" first />
				)}
				{way === 'totp' && (
					<Field label="Code" value={typed} onValue={setTyped} autocomplete="one-time-code" required first />
				)}
				<ProblemText request={request} />
				<div class="actions">
					<Act onAct={cancel}>Cancel</Act>
					<Submit request={request}>Confirm</Submit>
				</div>
			</form>
		</Dialog>
	);
}
