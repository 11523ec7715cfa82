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
import { type Say, useWords, type Words } from '../words/words.ts';

/** `name`: unknown where a certificate says it. `password`: the one that was right. */
export type SignedIn = (name?: string, password?: string) => Promise<Happening['kind']>;

/** The fragment that a link to this page on another port carries: the person wants to use a certificate. */
const wantsCertificate = '#certificate';

/** Tells the rest of the page; a session that cannot be found again right away was not kept. */
export async function arrive(onSignedIn: SignedIn, name?: string, password?: string): Promise<void> {
	const found = await onSignedIn(name, password);
	if (found === 'nobody-is-signed-in') throw new Amiss((words) => words.signIn.cookieNotKept);
	if (found === 'trouble') throw new Amiss((words) => words.signIn.wentAway);
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
	const words = useWords();
	const byPassword = offer.passwordAuthenticationEnabled;
	const byPasskey = offer.passkeyAuthenticationEnabled === true && canUsePasskeys;
	const stays = fixedName !== undefined;
	// To go elsewhere would lose what stands on this page.
	const canShow = location.protocol === 'https:' || !stays;
	const ports = offer.certificateAuthenticationEnabled && canShow ? (offer.certificateAuthenticationPorts ?? []) : [];
	return (
		<>
			{byPassword && <ByPassword fixedName={fixedName} givenName={givenName} onSignedIn={onSignedIn} />}
			{byPassword && (byPasskey || ports.length > 0) && <p class="or">{words.signIn.or}</p>}
			{byPasskey && <ByPasskey onSignedIn={onSignedIn} />}
			{ports.length > 0 && <ByCertificate ports={ports} stays={stays} onSignedIn={onSignedIn} />}
			{!byPassword && !byPasskey && ports.length === 0 && (
				<p class="empty">{canShow ? words.signIn.noWay : words.signIn.openAnew}</p>
			)}
		</>
	);
}

const wrong = { field: 'password', text: (words: Words) => words.signIn.wrong };

function ByPassword({
	fixedName,
	givenName,
	onSignedIn,
}: {
	fixedName: string | undefined;
	givenName: string;
	onSignedIn: SignedIn;
}) {
	const { common, signIn } = useWords();
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
			aria-label={signIn.form}
			onSubmit={(event) => {
				event.preventDefault();
				void submit();
			}}
		>
			<Field
				label={common.userName}
				value={name}
				onValue={setName}
				required
				autocomplete="username"
				maxLength={1024}
				readOnly={fixedName !== undefined}
				first={!startAtPassword && location.hash !== wantsCertificate}
			/>
			<PasswordField
				label={common.password}
				value={password}
				onValue={setPassword}
				autocomplete="current-password"
				first={startAtPassword}
				error={request.about('password')}
			/>
			<ProblemText request={request} />
			<Submit request={request}>{common.signIn}</Submit>
		</form>
	);
}

function ByPasskey({ onSignedIn }: { onSignedIn: SignedIn }) {
	const words = useWords();
	const request = useRequest();
	const signIn = () =>
		request.run(
			async () => {
				await logInByPasskey();
				await arrive(onSignedIn);
			},
			{ 'bad-credentials': (now) => now.signIn.unknownPasskey },
		);
	return (
		<div class="passkey">
			<ProblemText request={request} />
			<Act request={request} onAct={() => void signIn()}>
				{words.signIn.byPasskey}
			</Act>
		</div>
	);
}

/** What led here is done with. */
function forgetFragment() {
	if (location.hash === wantsCertificate) history.replaceState(null, '', location.pathname + location.search);
}

const notTrusted: Say = (words) => words.signIn.certificateNotTrusted;

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
	const words = useWords();
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
						{words.signIn.byCertificate}
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
						{isSecure || elsewhere.length > 1 ? words.signIn.byCertificateAt(port) : words.signIn.byCertificate}
					</a>
				))}
		</div>
	);
}
