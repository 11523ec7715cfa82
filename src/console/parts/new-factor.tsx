import { useState } from 'preact/hooks';
import { useRequest } from '../desk.ts';
import { addTotp, confirmTotp, type NewTotp } from '../factors-v1.ts';
import { addPasskey } from '../passkey.ts';
import { Act, Submit } from './button.tsx';
import { CodeField, totpWords } from './code-field.tsx';
import { Field } from './field.tsx';
import { ProblemText } from './problem-text.tsx';

interface NewFactorProps {
	/** It counts from now on. */
	onAdded(name: string): Promise<void>;
	onCancel(): void;
}

const tooMany = { 'too-many-authenticators': 'There are as many as there may be. Remove one first.' };

/** A passkey: of this device, of a phone, or a security key. */
export function NewPasskey({ onAdded, onCancel }: NewFactorProps) {
	const request = useRequest();
	const [name, setName] = useState('');
	const submit = () =>
		request.run(async () => {
			await addPasskey(name.trim());
			await onAdded(name.trim());
		}, tooMany);
	return (
		<form
			aria-label="New passkey"
			onSubmit={(event) => {
				event.preventDefault();
				void submit();
			}}
		>
			<Field
				label="Name of the passkey"
				value={name}
				onValue={setName}
				required
				first
				autocomplete="off"
				maxLength={64}
				hint="As Laptop, or blue key. Then the browser asks for your fingerprint, your face, a PIN, or the key."
			/>
			<ProblemText request={request} />
			<div class="actions">
				<Act onAct={onCancel}>Cancel</Act>
				<Submit request={request}>Set up</Submit>
			</div>
		</form>
	);
}

/** An app that shows codes: named, then scanned, then tried. */
export function NewApp({ onAdded, onCancel }: NewFactorProps) {
	const request = useRequest();
	const [name, setName] = useState('');
	const [made, setMade] = useState<NewTotp>();
	const [code, setCode] = useState('');

	const submit = () =>
		request.run(
			async () => {
				if (made === undefined) {
					setMade(await addTotp(name.trim()));
					return;
				}
				await confirmTotp(made.id, code);
				await onAdded(name.trim());
			},
			{ ...tooMany, ...(made !== undefined && totpWords) },
		);

	return (
		<form
			aria-label="New app"
			onSubmit={(event) => {
				event.preventDefault();
				void submit();
			}}
		>
			{made === undefined ? (
				<Field
					label="Name of the app or phone"
					value={name}
					onValue={setName}
					required
					first
					autocomplete="off"
					maxLength={64}
					hint="Any app for one-time codes will do: Aegis, FreeOTP, Google Authenticator, a password manager."
				/>
			) : (
				<>
					<p>Scan this with the app. Then type the code that it shows.</p>
					<img
						class="qr"
						alt="What the app is to know, as a QR code"
						src={`data:image/svg+xml,${encodeURIComponent(made.qr)}`}
					/>
					<details>
						<summary>The app cannot scan?</summary>
						<p class="hint">
							Type this key into it, for time-based codes:{' '}
							<code class="key">{made.secret.replace(/(.{4})(?=.)/g, '$1 ')}</code>
						</p>
					</details>
					<CodeField label="Code from the app" value={code} onValue={setCode} error={request.about('code')} />
				</>
			)}
			<ProblemText request={request} />
			<div class="actions">
				<Act onAct={onCancel}>Cancel</Act>
				<Submit request={request}>{made === undefined ? 'Go on' : 'Confirm'}</Submit>
			</div>
		</form>
	);
}
