import { useState } from 'preact/hooks';
import { useRequest } from '../desk.ts';
import { addTotp, confirmTotp, type NewTotp } from '../factors-v1.ts';
import { addPasskey } from '../passkey.ts';
import type { Meanings } from '../problem.ts';
import { useWords } from '../words/words.ts';
import { Act, Submit } from './button.tsx';
import { CodeField, totpMeanings } from './code-field.tsx';
import { Field } from './field.tsx';
import { ProblemText } from './problem-text.tsx';

interface NewFactorProps {
	/** It counts from now on. */
	onAdded(name: string): Promise<void>;
	onCancel(): void;
}

const tooMany: Meanings = { 'too-many-authenticators': ({ security }) => security.tooMany };

/** A passkey: of this device, of a phone, or a security key. */
export function NewPasskey({ onAdded, onCancel }: NewFactorProps) {
	const { common, security } = useWords();
	const request = useRequest();
	const [name, setName] = useState('');
	const submit = () =>
		request.run(async () => {
			await addPasskey(name.trim());
			await onAdded(name.trim());
		}, tooMany);
	return (
		<form
			aria-label={security.newPasskey}
			onSubmit={(event) => {
				event.preventDefault();
				void submit();
			}}
		>
			<Field
				label={security.passkeyName}
				value={name}
				onValue={setName}
				required
				first
				autocomplete="off"
				maxLength={64}
				hint={security.passkeyNameHint}
			/>
			<ProblemText request={request} />
			<div class="actions">
				<Act onAct={onCancel}>{common.cancel}</Act>
				<Submit request={request}>{security.setUp}</Submit>
			</div>
		</form>
	);
}

/** An app that shows codes: named, then scanned, then tried. */
export function NewApp({ onAdded, onCancel }: NewFactorProps) {
	const { common, security } = useWords();
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
			{ ...tooMany, ...(made !== undefined && totpMeanings) },
		);

	return (
		<form
			aria-label={security.newApp}
			onSubmit={(event) => {
				event.preventDefault();
				void submit();
			}}
		>
			{made === undefined ? (
				<Field
					label={security.appName}
					value={name}
					onValue={setName}
					required
					first
					autocomplete="off"
					maxLength={64}
					hint={security.appNameHint}
				/>
			) : (
				<>
					<p>{security.scan}</p>
					<img class="qr" alt={security.qr} src={`data:image/svg+xml,${encodeURIComponent(made.qr)}`} />
					<details>
						<summary>{security.cannotScan}</summary>
						<p class="hint">
							{security.typeKey(<code class="key">{made.secret.replace(/(.{4})(?=.)/g, '$1 ')}</code>)}
						</p>
					</details>
					<CodeField label={security.codeFromApp} value={code} onValue={setCode} error={request.about('code')} />
				</>
			)}
			<ProblemText request={request} />
			<div class="actions">
				<Act onAct={onCancel}>{common.cancel}</Act>
				<Submit request={request}>{made === undefined ? common.goOn : common.confirm}</Submit>
			</div>
		</form>
	);
}
