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
import type { SectionProps } from './identity-section.ts';

/** What this browser can set up here. */
export function kindsFor({ secondFactors = [] }: AuthenticationInfo) {
	return secondFactors.filter((kind) => kind !== 'passkey' || canUsePasskeys);
}

/** One's own second factors. */
export function Security() {
	const loaded = useLoaded('authenticators', () => findAuthenticators());
	return (
		<>
			<Title name="Security" />
			<p class="lead">What you need besides your password to sign in. Have two: one can get lost.</p>
			<Loading loaded={loaded} />
			{loaded.value && (
				<>
					<section class="card stack" aria-label="Second factors">
						<h2>Second factors</h2>
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
	const [adding, setAdding] = useState<'passkey' | 'totp'>();
	const kinds = kindsFor(offer);

	async function added(name: string) {
		setAdding(undefined);
		tellOtherTabs();
		await onAdded();
		say(`${name} is set up. Your other sessions have ended.`);
	}

	if (adding !== undefined) {
		const New = adding === 'passkey' ? NewPasskey : NewApp;
		return <New onAdded={added} onCancel={() => setAdding(undefined)} />;
	}
	return (
		<div class="choices">
			{kinds.includes('passkey') && <Act onAct={() => setAdding('passkey')}>Set up a passkey</Act>}
			{kinds.includes('totp') && <Act onAct={() => setAdding('totp')}>Set up an app with codes</Act>}
			{kinds.length === 0 && <p class="empty">Nothing can be set up in this browser.</p>}
		</div>
	);
}

function Recovery({ recoveryCodesLeft: left, onMade }: Authenticators & { onMade(): Promise<void> }) {
	const request = useRequest();
	const [codes, setCodes] = useState<readonly string[]>();
	const make = () =>
		request.run(async () => {
			setCodes((await makeRecoveryCodes()).codes);
			await onMade();
		});
	return (
		<section class="card stack" aria-label="Recovery codes">
			<h2>Recovery codes</h2>
			{codes !== undefined ? (
				<RecoveryCodes codes={codes} onSeen={() => setCodes(undefined)} />
			) : (
				<>
					<p>
						{left === 0
							? 'You have none. Without them, only an administrator can let you in when everything else is lost.'
							: `${left === 1 ? 'One is' : `${left} are`} left. New ones take the place of all before.`}
					</p>
					<ProblemText request={request} />
					<Act tone={left === 0 ? 'primary' : 'plain'} request={request} onAct={() => void make()}>
						Make recovery codes
					</Act>
				</>
			)}
		</section>
	);
}

/** Those of an identity, for administrators. */
export function FactorsSection({ identity: { name } }: SectionProps) {
	const { say } = useDesk();
	const request = useRequest();
	const [asking, setAsking] = useState(false);
	const loaded = useLoaded(`authenticators ${name}`, () => findAuthenticators(name));

	const reset = () =>
		request.run(async () => {
			await resetAuthenticators(name);
			setAsking(false);
			say(`${name} has no second factor any more. Its sessions have ended.`);
			await loaded.reload();
		});

	return (
		<section class="card stack" aria-label="Second factors">
			<h2>Second factors</h2>
			<Loading loaded={loaded} />
			{loaded.value && (
				<>
					<FactorList mine={false} authenticators={loaded.value.authenticators} onChanged={loaded.reload} />
					{loaded.value.authenticators.length > 0 && (
						<Act tone="danger" onAct={() => setAsking(true)}>
							Remove all
						</Act>
					)}
				</>
			)}
			{asking && (
				<Confirm
					title={`Remove the second factors of ${name}?`}
					yes="Remove"
					request={request}
					onYes={() => void reset()}
					onNo={() => setAsking(false)}
				>
					For somebody who has lost them all. The password alone is enough then, until another one is set up. Make sure
					that it is really them who asks.
				</Confirm>
			)}
		</section>
	);
}
