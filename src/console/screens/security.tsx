import { useState } from 'preact/hooks';
import { tellOtherTabs } from '../channel.ts';
import { useDesk, useLoaded, useRequest } from '../desk.ts';
import {
	type Authenticators,
	authenticators as findAuthenticators,
	makeRecoveryCodes,
	resetAuthenticators,
} from '../factors-v1.ts';
import { Act } from '../parts/button.tsx';
import { Confirm } from '../parts/confirm.tsx';
import { FactorList } from '../parts/factor-list.tsx';
import { Loading } from '../parts/loading.tsx';
import { NewApp, NewPasskey } from '../parts/new-factor.tsx';
import { ProblemText } from '../parts/problem-text.tsx';
import { RecoveryCodes } from '../parts/recovery-codes.tsx';
import { Title } from '../parts/title.tsx';
import { canUsePasskeys } from '../passkey.ts';
import type { AuthenticationInfo } from '../session-v1.ts';
import { useWords } from '../words/words.ts';
import type { SectionProps } from './identity-section.ts';

/** What this browser can set up here. */
export function kindsFor({ secondFactors = [] }: AuthenticationInfo) {
	return secondFactors.filter((kind) => kind !== 'passkey' || canUsePasskeys);
}

/** One's own second factors. */
export function Security() {
	const { security } = useWords();
	const loaded = useLoaded('authenticators', () => findAuthenticators());
	return (
		<>
			<Title name={security.title} />
			<p class="lead">{security.lead}</p>
			<Loading loaded={loaded} />
			{loaded.value && (
				<>
					<section class="card stack" aria-label={security.factors}>
						<h2>{security.factors}</h2>
						<FactorList
							mine
							authenticators={loaded.value.authenticators}
							onChanged={async () => {
								tellOtherTabs();
								await loaded.reload();
							}}
						/>
						<AddFactor onAdded={loaded.reload} />
					</section>
					{loaded.value.authenticators.length > 0 && <Recovery {...loaded.value} onMade={loaded.reload} />}
				</>
			)}
		</>
	);
}

/** Sets up a passkey or an app, whichever somebody chooses. */
export function AddFactor({ onAdded }: { onAdded(): Promise<void> }) {
	const { offer, say } = useDesk();
	const { security } = useWords();
	const [adding, setAdding] = useState<'passkey' | 'totp'>();
	const kinds = kindsFor(offer);

	async function added(name: string) {
		setAdding(undefined);
		tellOtherTabs();
		await onAdded();
		say((words) => words.security.isSetUp(name));
	}

	if (adding !== undefined) {
		const New = adding === 'passkey' ? NewPasskey : NewApp;
		return <New onAdded={added} onCancel={() => setAdding(undefined)} />;
	}
	return (
		<div class="choices">
			{kinds.includes('passkey') && <Act onAct={() => setAdding('passkey')}>{security.addPasskey}</Act>}
			{kinds.includes('totp') && <Act onAct={() => setAdding('totp')}>{security.addApp}</Act>}
			{kinds.length === 0 && <p class="empty">{security.nothingHere}</p>}
		</div>
	);
}

function Recovery({ recoveryCodesLeft: left, onMade }: Authenticators & { onMade(): Promise<void> }) {
	const { security } = useWords();
	const request = useRequest();
	const [codes, setCodes] = useState<readonly string[]>();
	const make = () =>
		request.run(async () => {
			setCodes((await makeRecoveryCodes()).codes);
			await onMade();
		});
	return (
		<section class="card stack" aria-label={security.recoveryCodes}>
			<h2>{security.recoveryCodes}</h2>
			{codes !== undefined ? (
				<RecoveryCodes codes={codes} onSeen={() => setCodes(undefined)} />
			) : (
				<>
					<p>{left === 0 ? security.noCodes : security.codesLeft(left)}</p>
					<ProblemText request={request} />
					<Act tone={left === 0 ? 'primary' : 'plain'} request={request} onAct={() => void make()}>
						{security.makeCodes}
					</Act>
				</>
			)}
		</section>
	);
}

/** Those of an identity, for administrators. */
export function FactorsSection({ identity: { name } }: SectionProps) {
	const { say } = useDesk();
	const { common, identity, security } = useWords();
	const request = useRequest();
	const [asking, setAsking] = useState(false);
	const loaded = useLoaded(`authenticators ${name}`, () => findAuthenticators(name));

	const reset = () =>
		request.run(async () => {
			await resetAuthenticators(name);
			setAsking(false);
			say((words) => words.identity.noFactor(name));
			await loaded.reload();
		});

	return (
		<section class="card stack" aria-label={security.factors}>
			<h2>{security.factors}</h2>
			<Loading loaded={loaded} />
			{loaded.value && (
				<>
					<FactorList mine={false} authenticators={loaded.value.authenticators} onChanged={loaded.reload} />
					{loaded.value.authenticators.length > 0 && (
						<Act tone="danger" onAct={() => setAsking(true)}>
							{identity.removeAll}
						</Act>
					)}
				</>
			)}
			{asking && (
				<Confirm
					title={identity.removeFactorsTitle(name)}
					yes={common.remove}
					request={request}
					onYes={() => void reset()}
					onNo={() => setAsking(false)}
				>
					{identity.removeFactorsText}
				</Confirm>
			)}
		</section>
	);
}
