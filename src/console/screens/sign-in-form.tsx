import { useLayoutEffect, useRef, useState } from 'preact/hooks';
import { useDesk, useRequest } from '../desk.ts';
import type { Happening } from '../machine.ts';
import { Act, Submit } from '../parts/button.tsx';
import { Field } from '../parts/field.tsx';
import { PasswordField } from '../parts/password-field.tsx';
import { ProblemText } from '../parts/problem-text.tsx';
import { canUsePasskeys, logInByPasskey } from '../passkey.ts';
import { Amiss } from '../problem.ts';
import { logIn, logInByCertificate } from '../session-v1.ts';

/** `name`: unknown where a certificate says it. `password`: the one that was right. */
export type SignedIn = (name?: string, password?: string) => Promise<Happening['kind']>;

/** The fragment that a link to this page on another port carries: the person wants to use a certificate. */
const wantsCertificate = '#certificate';

const cookieNotKept =
	'You were let in, but the browser has not kept the session. It must allow cookies here; and where you have signed ' +
	'in over https before, use https again.';

const wentAway = 'You were let in, and then the service stopped answering. Reload the page to go on.';

/** Tells the rest of the page; a session that cannot be found again right away was not kept. */
export async function arrive(onSignedIn: SignedIn, name?: string, password?: string): Promise<void> {
	const found = await onSignedIn(name, password);
	if (found === 'nobody-is-signed-in') throw new Amiss(cookieNotKept);
	if (found === 'trouble') throw new Amiss(wentAway);
}

/** Every way in that the service offers. `fixedName`: for the identity that was here before, and stays on this page. */
export function SignInForm({
	fixedName,
	name: givenName = '',
	onSignedIn,
}: {
	fixedName?: string | undefined;
	name?: string | undefined;
	onSignedIn: SignedIn;
}) {
	const { offer } = useDesk();
	const byPassword = offer.passwordAuthenticationEnabled;
	const byPasskey = offer.passkeyAuthenticationEnabled === true && canUsePasskeys;
	const stays = fixedName !== undefined;
	// To go elsewhere would lose what stands on this page.
	const canShow = location.protocol === 'https:' || !stays;
	const ports = offer.certificateAuthenticationEnabled && canShow ? (offer.certificateAuthenticationPorts ?? []) : [];
	return (
		<>
			{byPassword && <ByPassword fixedName={fixedName} givenName={givenName} onSignedIn={onSignedIn} />}
			{byPassword && (byPasskey || ports.length > 0) && <p class="or">or</p>}
			{byPasskey && <ByPasskey onSignedIn={onSignedIn} />}
			{ports.length > 0 && <ByCertificate ports={ports} stays={stays} onSignedIn={onSignedIn} />}
			{!byPassword && !byPasskey && ports.length === 0 && (
				<p class="empty">
					{canShow
						? 'This service offers no way to sign in here.'
						: 'Open this page anew to sign in with a certificate.'}
				</p>
			)}
		</>
	);
}

const wrong = { field: 'password', text: 'The name or the password is wrong.' };

function ByPassword({
	fixedName,
	givenName,
	onSignedIn,
}: {
	fixedName: string | undefined;
	givenName: string;
	onSignedIn: SignedIn;
}) {
	const request = useRequest();
	const [name, setName] = useState(fixedName ?? givenName);
	const [password, setPassword] = useState('');
	const nameIsKnown = name !== '' && (fixedName !== undefined || givenName !== '');
	const [startAtPassword] = useState(nameIsKnown);

	const submit = () =>
		request.run(
			async () => {
				// The keyboards of phones put a space behind a word, and no name ends with one.
				await logIn(name.trim(), password);
				await arrive(onSignedIn, name.trim(), password);
			},
			{ 'bad-credentials': wrong, malformed: wrong },
		);

	return (
		<form
			aria-label="Sign in with a password"
			onSubmit={(event) => {
				event.preventDefault();
				void submit();
			}}
		>
			<Field
				label="User name"
				value={name}
				onValue={setName}
				required
				autocomplete="username"
				maxLength={1024}
				readOnly={fixedName !== undefined}
				first={!startAtPassword && location.hash !== wantsCertificate}
			/>
			<PasswordField
				label="Password"
				value={password}
				onValue={setPassword}
				autocomplete="current-password"
				first={startAtPassword}
				error={request.about('password')}
			/>
			<ProblemText request={request} />
			<Submit request={request}>Sign in</Submit>
		</form>
	);
}

function ByPasskey({ onSignedIn }: { onSignedIn: SignedIn }) {
	const request = useRequest();
	const signIn = () =>
		request.run(
			async () => {
				await logInByPasskey();
				await arrive(onSignedIn);
			},
			{ 'bad-credentials': 'This passkey is not known here.' },
		);
	return (
		<div class="passkey">
			<ProblemText request={request} />
			<Act request={request} onAct={() => void signIn()}>
				Sign in with a passkey
			</Act>
		</div>
	);
}

/** What led here is done with. */
function forgetFragment() {
	if (location.hash === wantsCertificate) history.replaceState(null, '', location.pathname + location.search);
}

const notTrusted =
	'The browser has shown no certificate that is trusted here. It asks for one once: close all of its windows ' +
	'to be asked again.';

/**
 * A certificate is shown while the connection is made, to the port that asks for it. So on such a port a request is
 * enough; from elsewhere one must go there.
 */
function ByCertificate({
	ports,
	stays,
	onSignedIn,
}: {
	ports: readonly number[];
	/** Going elsewhere would lose what stands on this page. */
	stays: boolean;
	onSignedIn: SignedIn;
}) {
	const request = useRequest();
	const way = useRef<HTMLDivElement>(null);
	useLayoutEffect(() => {
		if (location.hash === wantsCertificate) way.current?.querySelector('button')?.focus();
	}, []);

	const isSecure = location.protocol === 'https:';
	const elsewhere = ports.filter((port) => `${port}` !== (location.port || '443'));
	const signIn = () =>
		request.run(
			async () => {
				await logInByCertificate();
				forgetFragment();
				await arrive(onSignedIn);
			},
			{
				'bad-certificate': notTrusted,
				'bad-credentials': notTrusted,
			},
		);

	return (
		<div class="certificate" ref={way}>
			{isSecure && (
				<>
					<ProblemText request={request} />
					<Act request={request} onAct={() => void signIn()}>
						Sign in with a certificate
					</Act>
				</>
			)}
			{!stays &&
				(!isSecure || request.problem !== undefined) &&
				elsewhere.map((port) => (
					<a
						key={port}
						class="button"
						href={`https://${location.hostname}:${port}${location.pathname}${location.search}${wantsCertificate}`}
					>
						Sign in with a certificate
						{(isSecure || elsewhere.length > 1) && ` (port ${port})`}
					</a>
				))}
		</div>
	);
}
