import { useEffect, useRef, useState } from 'preact/hooks';
import type { Awaited } from '../api.ts';
import { tellOtherTabs } from '../channel.ts';
import { useSecondsUntil } from '../countdown.ts';
import { type Leave, useDesk, useRequest } from '../desk.ts';
import { Act } from '../parts/button.tsx';
import { Dialog } from '../parts/dialog.tsx';
import { ProblemText } from '../parts/problem-text.tsx';
import { WayOut } from '../parts/way-out.tsx';
import { currentIdentity, logOut } from '../session-v1.ts';
import { type Liveness, type Watch, watchSession } from '../watch.ts';
import { useWords } from '../words/words.ts';
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
	const { problems } = useWords();
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
				{problems.awayForNow}
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
	const { sessionEnd } = useWords();
	const request = useRequest();
	const seconds = useSecondsUntil(at);
	// The first number is said, the others are only shown: nobody wants to hear a clock.
	const [secondsAtFirst] = useState(seconds);

	const endingIn = (
		<>
			<span aria-hidden="true">{sessionEnd.endingIn(seconds)}</span>
			<span class="unseen">{sessionEnd.endingIn(secondsAtFirst)}</span>
		</>
	);

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
		<Dialog title={sessionEnd.endingTitle} {...(by === 'silence' && { onEscape: () => void stay() })}>
			<p>{by === 'silence' ? sessionEnd.bySilence(endingIn) : sessionEnd.byAge(endingIn)}</p>
			<ProblemText request={request} />
			<div class="actions">
				{by === 'silence' && (
					<Act tone="primary" request={request} onAct={() => void stay()}>
						{sessionEnd.stay}
					</Act>
				)}
				<Act request={request} onAct={() => void signOut()}>
					{sessionEnd.signOutNow}
				</Act>
			</div>
		</Dialog>
	);
}

function NeedsFactor({ name, onSignedIn, onLeft }: { name: string | undefined; onSignedIn: SignedIn; onLeft: Leave }) {
	const { common, secondFactor } = useWords();
	return (
		<Dialog title={secondFactor.title}>
			<SecondFactorForm name={name} onSignedIn={onSignedIn} />
			<WayOut label={common.signInAsSomebodyElse} onLeft={onLeft} />
		</Dialog>
	);
}

function HasEnded({ name, onSignedIn, onLeft }: { name: string | undefined; onSignedIn: SignedIn; onLeft: Leave }) {
	const { common, sessionEnd } = useWords();
	return (
		<Dialog title={sessionEnd.endedTitle}>
			<p>{sessionEnd.ended}</p>
			<SignInForm fixedName={name} onSignedIn={onSignedIn} />
			<p class="aside">
				<Act tone="quiet" onAct={() => onLeft()}>
					{common.signInAsSomebodyElse}
				</Act>
			</p>
		</Dialog>
	);
}
