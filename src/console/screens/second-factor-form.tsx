import { useState } from 'preact/hooks';
import { useDesk, useLoaded, useRequest } from '../desk.ts';
import { type FactorLogin, type FactorMethod, logInByRecoveryCode, logInByTotp, usableFactors } from '../factors-v1.ts';
import { Act, Submit } from '../parts/button.tsx';
import { CodeField, RecoveryCodeField, recoveryCodeMeanings, totpMeanings } from '../parts/code-field.tsx';
import { Loading } from '../parts/loading.tsx';
import { OtherWays } from '../parts/other-ways.tsx';
import { ProblemText } from '../parts/problem-text.tsx';
import { canUsePasskeys, logInByPasskeyToo } from '../passkey.ts';
import { useWords } from '../words/words.ts';
import { arrive, type SignedIn } from './sign-in-form.tsx';

/** Asks for one of the factors that the identity has. `name`: unknown where the page was loaded anew. */
export function SecondFactorForm({ name, onSignedIn }: { name: string | undefined; onSignedIn: SignedIn }) {
	const { secondFactor } = useWords();
	const loaded = useLoaded('second factor', async () => (await usableFactors()).methods);
	const [chosen, setChosen] = useState<FactorMethod>();
	if (loaded.value === undefined) return <Loading loaded={loaded} />;
	const methods = loaded.value.filter((method) => method !== 'passkey' || canUsePasskeys);
	const method = chosen ?? methods[0];
	if (method === undefined) {
		return <p class="empty">{loaded.value.length > 0 ? secondFactor.passkeyUnusable : secondFactor.noneUsable}</p>;
	}
	return (
		<>
			{method === 'passkey' && <ByPasskey name={name} onSignedIn={onSignedIn} />}
			{method === 'totp' && <ByCode key="totp" kind="totp" name={name} onSignedIn={onSignedIn} />}
			{method === 'recoveryCode' && <ByCode key="recovery" kind="recoveryCode" name={name} onSignedIn={onSignedIn} />}
			<OtherWays ways={methods} chosen={method} onChoose={(other) => setChosen(other)} />
		</>
	);
}

function ByPasskey({ name, onSignedIn }: { name: string | undefined; onSignedIn: SignedIn }) {
	const { secondFactor } = useWords();
	const request = useRequest();
	const show = () =>
		request.run(
			async () => {
				await logInByPasskeyToo();
				await arrive(onSignedIn, name);
			},
			{ 'bad-credentials': (words) => words.secondFactor.passkeyRefused },
		);
	return (
		<>
			<p>{secondFactor.usePasskey}</p>
			<ProblemText request={request} />
			<Act tone="primary" request={request} onAct={() => void show()}>
				{secondFactor.passkey}
			</Act>
		</>
	);
}

function ByCode({
	kind,
	name,
	onSignedIn,
}: {
	kind: 'totp' | 'recoveryCode';
	name: string | undefined;
	onSignedIn: SignedIn;
}) {
	const { say } = useDesk();
	const { common, secondFactor } = useWords();
	const request = useRequest();
	const [code, setCode] = useState('');
	const submit = () =>
		request.run(
			async () => {
				const { recoveryCodesLeft: left }: FactorLogin = await (kind === 'totp' ? logInByTotp : logInByRecoveryCode)(
					code,
				);
				await arrive(onSignedIn, name);
				if (left !== undefined) say((words) => words.secondFactor.codesLeft(left));
			},
			kind === 'totp' ? totpMeanings : recoveryCodeMeanings,
		);
	return (
		<form
			aria-label={secondFactor.form}
			onSubmit={(event) => {
				event.preventDefault();
				void submit();
			}}
		>
			{kind === 'totp' ? (
				<CodeField label={secondFactor.code} value={code} onValue={setCode} error={request.about('code')} />
			) : (
				<RecoveryCodeField value={code} onValue={setCode} error={request.about('code')} />
			)}
			<ProblemText request={request} />
			<Submit request={request}>{common.signIn}</Submit>
		</form>
	);
}
