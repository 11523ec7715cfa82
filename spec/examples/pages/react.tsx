import { type FormEvent, StrictMode, useState, useSyncExternalStore } from 'react';
import { createRoot } from 'react-dom/client';
import { latchkey, treasure, wordsOf } from './latchkey.ts';

const useLatchkey = () => useSyncExternalStore(latchkey.subscribe, () => latchkey.state);

/** What somebody sets off, and what is to be said of it. */
function useAct() {
	const [problem, setProblem] = useState('');
	async function run(act: () => Promise<unknown>) {
		setProblem('');
		await act().catch((fault: unknown) => setProblem(wordsOf(fault)));
	}
	return { problem, run };
}

interface Field {
	readonly label: string;
	readonly autoComplete: string;
}

function Form(props: {
	title: string;
	button: string;
	fields: readonly Field[];
	act: (...values: string[]) => Promise<unknown>;
}) {
	const { problem, run } = useAct();
	function submit(event: FormEvent<HTMLFormElement>) {
		event.preventDefault();
		const data = new FormData(event.currentTarget);
		void run(() => props.act(...props.fields.map(({ label }) => String(data.get(label)))));
	}
	return (
		<form onSubmit={submit}>
			<h1>{props.title}</h1>
			{props.fields.map(({ label, autoComplete }) => (
				<label key={label}>
					{label}{' '}
					<input
						name={label}
						type={autoComplete.endsWith('password') ? 'password' : 'text'}
						autoComplete={autoComplete}
						required
					/>
				</label>
			))}
			<p role="alert">{problem}</p>
			<button type="submit">{props.button}</button>
		</form>
	);
}

const name = { label: 'Name', autoComplete: 'username' };
const password = { label: 'Password', autoComplete: 'current-password' };
const current = { label: 'Current password', autoComplete: 'current-password' };
const next = { label: 'New password', autoComplete: 'new-password' };
const code = { label: 'Code', autoComplete: 'one-time-code' };

function App() {
	const state = useLatchkey();
	// While the service is away, the last one stays.
	const shown = state.kind === 'away' ? state.before : state;
	return (
		<>
			{state.kind === 'away' && <p role="status">The service cannot be reached at the moment. Trying again…</p>}
			{shown?.kind === 'signed-out' && (
				<Form
					key="login"
					title="Sign in"
					button="Sign in"
					fields={[name, password]}
					act={(who = '', secret = '') => latchkey.login(who, secret)}
				/>
			)}
			{shown?.kind === 'must-change' && (
				<Form
					key="change"
					title="Choose a new password"
					button="Change the password"
					fields={[current, next]}
					act={(before = '', after = '') => latchkey.changePassword(before, after)}
				/>
			)}
			{shown?.kind === 'second-factor' && (
				<Form
					key="factor"
					title="One more step"
					button="Go on"
					fields={[code]}
					act={(digits = '') => latchkey.secondFactor({ code: digits })}
				/>
			)}
			{shown?.kind === 'enrolment' && <p>Set up a second factor at the sign-in page first.</p>}
			{shown?.kind === 'signed-in' && <Inside name={shown.session.identity} isEnding={shown.ending !== undefined} />}
		</>
	);
}

function Inside({ name, isEnding }: { name: string; isEnding: boolean }) {
	const { problem, run } = useAct();
	const [found, setFound] = useState('');
	return (
		<main>
			<h1>Signed in as {name}</h1>
			{isEnding && (
				<p role="status">
					The session is about to end.{' '}
					<button type="button" onClick={() => void run(latchkey.stay)}>
						Stay signed in
					</button>
				</p>
			)}
			<p role="alert">{problem}</p>
			<p>
				<button type="button" onClick={() => void run(async () => setFound(await treasure()))}>
					Get the treasure
				</button>{' '}
				<output>{found}</output>
			</p>
			<button type="button" onClick={() => void run(latchkey.logout)}>
				Sign out
			</button>
		</main>
	);
}

const root = document.getElementById('root');
if (root !== null) {
	createRoot(root).render(
		<StrictMode>
			<App />
		</StrictMode>,
	);
}
