import { useEffect, useState } from 'preact/hooks';
import { provesBy, SessionOver } from '../api.ts';
import { useLoaded, useRequest } from '../desk.ts';
import { Act, Submit } from '../parts/button.tsx';
import { Dialog } from '../parts/dialog.tsx';
import { Field } from '../parts/field.tsx';
import { PasswordField } from '../parts/password-field.tsx';
import { ProblemText } from '../parts/problem-text.tsx';
import { currentSession, proveAgain } from '../session-v1.ts';

/** Waits until something that is asked for needs a proof, asks the person for it, and lets that go on. */
export function Proof({ name }: { name: string }) {
	const [waiting, setWaiting] = useState<PromiseWithResolvers<boolean>>();

	useEffect(() => {
		let current: PromiseWithResolvers<boolean> | undefined;
		provesBy(() => {
			// One question for all that wait for its answer.
			if (current === undefined) {
				current = Promise.withResolvers<boolean>();
				setWaiting(current);
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

function Question({ name, waiting }: { name: string; waiting: PromiseWithResolvers<boolean> }) {
	const request = useRequest();
	const [password, setPassword] = useState('');
	const { value: session, problem } = useLoaded('current session', currentSession);
	const byCertificate = session?.openedBy === 'certificate';
	const cancel = () => waiting.resolve(false);

	const confirm = () =>
		request.run(
			async () => {
				try {
					await proveAgain(byCertificate ? undefined : password);
					waiting.resolve(true);
				} catch (fault) {
					// Whoever asked first looks where we stand.
					if (!(fault instanceof SessionOver)) throw fault;
					waiting.reject(fault);
				}
			},
			byCertificate
				? { 'bad-certificate': 'The browser has not shown the certificate that you signed in with.' }
				: { 'bad-credentials': 'The password is wrong.', malformed: 'The password is wrong.' },
		);

	return (
		<Dialog title="Is it you?" onEscape={cancel}>
			<p>
				{byCertificate
					? 'You signed in a while ago. Before something is changed for others, show your certificate again.'
					: 'You signed in a while ago. Before something is changed for others, give your password again.'}
			</p>
			<form
				aria-label="Confirm that it is you"
				onSubmit={(event) => {
					event.preventDefault();
					void confirm();
				}}
			>
				<Field label="Name" value={name} onValue={() => {}} autocomplete="username" readOnly />
				{session !== undefined && !byCertificate && (
					<PasswordField
						label="Your password"
						value={password}
						onValue={setPassword}
						autocomplete="current-password"
						first
					/>
				)}
				<ProblemText request={problem ? { ...request, problem } : request} />
				<div class="actions">
					<Act onAct={cancel}>Cancel</Act>
					<Submit request={request}>Confirm</Submit>
				</div>
			</form>
		</Dialog>
	);
}
