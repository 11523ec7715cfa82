import { useEffect, useState } from 'preact/hooks';
import { type ProofNeeded, provesBy, SessionOver } from '../api.ts';
import { useRequest } from '../desk.ts';
import { Act, Submit } from '../parts/button.tsx';
import { CodeField, RecoveryCodeField, recoveryCodeMeanings, totpMeanings } from '../parts/code-field.tsx';
import { Dialog } from '../parts/dialog.tsx';
import { Field } from '../parts/field.tsx';
import { OtherWays, type Way } from '../parts/other-ways.tsx';
import { PasswordField } from '../parts/password-field.tsx';
import { ProblemText } from '../parts/problem-text.tsx';
import { canUsePasskeys, showPasskey } from '../passkey.ts';
import type { Meanings } from '../problem.ts';
import { type ProofShown, proveAgain } from '../session-v1.ts';
import { useWords, type Words } from '../words/words.ts';

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

/** What a person may be asked for, in this order: what proves more comes first. */
const ways: readonly Way[] = ['passkey', 'totp', 'recoveryCode', 'password', 'certificate'];

function Question({ name, waiting }: { name: string; waiting: Waiting }) {
	const { common, passwords, proof, secondFactor } = useWords();
	const request = useRequest();
	const [text, setText] = useState('');
	const [chosen, setChosen] = useState<Way>();
	const { methods, level } = waiting.needed;
	const open = ways.filter((each) => methods.includes(each) && (each !== 'passkey' || canUsePasskeys));
	const way = chosen ?? open[0];
	const cancel = () => waiting.resolve(false);

	const confirm = () =>
		request.run(async () => {
			if (way === undefined) return;
			try {
				await proveAgain(await shownBy(way, text));
				waiting.resolve(true);
			} catch (fault) {
				// The request that needed the proof looks where we stand.
				if (!(fault instanceof SessionOver)) throw fault;
				waiting.reject(fault);
			}
		}, way && meanings[way]);

	if (way === undefined) {
		return (
			<Dialog title={proof.title} onEscape={cancel}>
				<p>{methods.length > 0 ? proof.needsPasskey : level > 1 ? proof.needsFactor : proof.needsSignIn}</p>
				<div class="actions">
					<Act onAct={cancel}>{common.cancel}</Act>
				</div>
			</Dialog>
		);
	}
	return (
		<Dialog title={proof.title} onEscape={cancel}>
			<p>{way === 'certificate' ? proof.leadCertificate : way === 'passkey' ? proof.leadPasskey : proof.lead}</p>
			<form
				key={way}
				aria-label={proof.form}
				onSubmit={(event) => {
					event.preventDefault();
					void confirm();
				}}
			>
				<Field label={common.userName} value={name} onValue={() => {}} autocomplete="username" readOnly />
				{way === 'password' && (
					<PasswordField
						label={passwords.yours}
						value={text}
						onValue={setText}
						autocomplete="current-password"
						first
						error={request.about('password')}
					/>
				)}
				{way === 'totp' && (
					<CodeField label={secondFactor.code} value={text} onValue={setText} error={request.about('code')} />
				)}
				{way === 'recoveryCode' && <RecoveryCodeField value={text} onValue={setText} error={request.about('code')} />}
				<ProblemText request={request} />
				<div class="actions">
					<Act onAct={cancel}>{common.cancel}</Act>
					<Submit request={request}>{common.confirm}</Submit>
				</div>
			</form>
			<OtherWays
				ways={open}
				chosen={way}
				onChoose={(other) => {
					setText('');
					setChosen(other);
				}}
			/>
		</Dialog>
	);
}

async function shownBy(way: Way, text: string): Promise<ProofShown | undefined> {
	if (way === 'password') return { password: text };
	if (way === 'totp') return { code: text };
	if (way === 'recoveryCode') return { recoveryCode: text };
	return way === 'passkey' ? { credential: await showPasskey() } : undefined;
}

const wrongPassword = { field: 'password', text: ({ passwords }: Words) => passwords.wrong };

const meanings: Readonly<Record<Way, Meanings>> = {
	certificate: { 'bad-certificate': ({ proof }) => proof.certificateNotShown },
	password: { 'bad-credentials': wrongPassword, malformed: wrongPassword },
	passkey: { 'bad-credentials': ({ secondFactor }) => secondFactor.passkeyRefused },
	totp: totpMeanings,
	recoveryCode: recoveryCodeMeanings,
};
