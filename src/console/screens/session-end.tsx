import { useEffect, useRef, useState } from 'preact/hooks';
import type { Awaited } from '../api.ts';
import { tellOtherTabs } from '../channel.ts';
import { useSecondsUntil } from '../countdown.ts';
import { type Leave, useDesk, useRequest } from '../desk.ts';
import { Act } from '../parts/button.tsx';
import { Dialog } from '../parts/dialog.tsx';
import { inWords, ProblemText } from '../parts/problem-text.tsx';
import { WayOut } from '../parts/way-out.tsx';
import { currentIdentity, logOut } from '../session-v1.ts';
import { type Liveness, type Watch, watchSession } from '../watch.ts';
import { SecondFactorForm } from './second-factor-form.tsx';
import { type SignedIn, SignInForm } from './sign-in-form.tsx';

/** Watches over the session: says when it is about to end, and when it has ended. What stands behind stays as it is. */
export function SessionEnd({
	awaited,
	name,
	over,
	onSignedIn,
	onLeft,
}: {
	awaited?: Awaited;
	name: string | undefined;
	/** `second-factor`: the person has signed in again, and is asked for one. */
	over: boolean | 'second-factor';
	onSignedIn: SignedIn;
	onLeft: Leave;
}) {
	const { settle } = useDesk();
	const [liveness, setLiveness] = useState<Liveness>({ kind: 'alive' });
	const watch = useRef<Watch>(undefined);

	useEffect(() => {
		if (over) return;
		watch.current = watchSession(awaited, setLiveness, () => {
			tellOtherTabs();
			void settle();
		});
		return () => watch.current?.stop();
	}, [awaited, over, settle]);

	if (over === 'second-factor') return <NeedsFactor name={name} onSignedIn={onSignedIn} onLeft={onLeft} />;
	if (over) return <HasEnded name={name} onSignedIn={onSignedIn} onLeft={onLeft} />;
	if (liveness.kind === 'ending') {
		return <IsEnding {...liveness} onStayed={() => watch.current?.look()} onLeft={onLeft} />;
	}
	if (liveness.kind === 'unknown') {
		return (
			<p class="away" role="status">
				The service cannot be reached at the moment. Trying again…
			</p>
		);
	}
	return null;
}

function IsEnding({
	by,
	at,
	onStayed,
	onLeft,
}: {
	by: 'silence' | 'age';
	at: number;
	onStayed(): void;
	onLeft: Leave;
}) {
	const request = useRequest();
	const seconds = useSecondsUntil(at);
	// The first number is said, the others are only shown: nobody wants to hear a clock.
	const [secondsAtFirst] = useState(seconds);

	const because =
		by === 'silence' ? 'nothing has happened for a while' : 'a session may not grow older, however busy it is';

	const stay = () =>
		request.run(async () => {
			// Any request that counts as activity will do.
			await currentIdentity();
			tellOtherTabs();
			onStayed();
		});
	const signOut = () =>
		request.run(async () => {
			await logOut();
			onLeft('signed-out');
		});

	return (
		<Dialog title="Your session is about to end" {...(by === 'silence' && { onEscape: () => void stay() })}>
			<p>
				<span aria-hidden="true">In {inWords(seconds)}</span>
				<span class="unseen">In {inWords(secondsAtFirst)}</span> you will be signed out, since {because}.
				{by === 'age' && ' What you have typed stays, and you can sign in again right here.'}
			</p>
			<ProblemText request={request} />
			<div class="actions">
				{by === 'silence' && (
					<Act tone="primary" request={request} onAct={() => void stay()}>
						Stay signed in
					</Act>
				)}
				<Act request={request} onAct={() => void signOut()}>
					Sign out now
				</Act>
			</div>
		</Dialog>
	);
}

function NeedsFactor({ name, onSignedIn, onLeft }: { name: string | undefined; onSignedIn: SignedIn; onLeft: Leave }) {
	return (
		<Dialog title="One more step">
			<SecondFactorForm name={name} onSignedIn={onSignedIn} />
			<WayOut label="Sign in as somebody else" onLeft={onLeft} />
		</Dialog>
	);
}

function HasEnded({ name, onSignedIn, onLeft }: { name: string | undefined; onSignedIn: SignedIn; onLeft: Leave }) {
	return (
		<Dialog title="Your session has ended">
			<p>
				Nothing happened for a while, or it was ended elsewhere. What you have typed is still there: sign in again and
				go on.
			</p>
			<SignInForm fixedName={name} onSignedIn={onSignedIn} />
			<p class="aside">
				<Act tone="quiet" onAct={() => onLeft()}>
					Sign in as somebody else
				</Act>
			</p>
		</Dialog>
	);
}
