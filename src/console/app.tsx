import { useCallback, useEffect, useMemo, useReducer, useState } from 'preact/hooks';
import { type Told, tellOtherTabs, whenAnotherTabTells } from './channel.ts';
import { type Desk, DeskContext, type Leave } from './desk.ts';
import { type FragmentSecret, useFragmentSecret } from './fragment-secret.ts';
import { next, type Screen, whereWeStand } from './machine.ts';
import { type Said, Status } from './parts/status.tsx';
import { afterSwitch, forgetGoal, readGoal } from './return-address.ts';
import { Enrolment } from './screens/enrolment.tsx';
import { ForcedChange } from './screens/forced-change.tsx';
import { Greeting } from './screens/greeting.tsx';
import { Inside } from './screens/inside.tsx';
import { InvitationPage } from './screens/invitation.tsx';
import { GoOn } from './screens/onward.tsx';
import { Proof } from './screens/proof.tsx';
import { SecondFactor } from './screens/second-factor.tsx';
import { Setup } from './screens/setup.tsx';
import { SignIn } from './screens/sign-in.tsx';
import type { SignedIn } from './screens/sign-in-form.tsx';
import { SomebodyElse } from './screens/somebody-else.tsx';
import { Starting, Unavailable } from './screens/starting.tsx';
import type { AuthenticationInfo } from './session-v1.ts';
import type { Say } from './words/words.ts';

/** As `latchkey serve` prints it. */
const setupLink = /^#setup=([\w-]{1,128})$/;
const invitationLink = /^#\/invitation\/([A-Za-z2-7]{1,128})$/;

const starting: Screen = { at: 'starting' };

/** Draws the screen that `machine.ts` decides on, and tells it what happened. */
export function App() {
	const [screen, happened] = useReducer(next, starting);
	const [offer, setOffer] = useState<AuthenticationInfo>();
	const [looks, setLooks] = useState(0);
	const setupToken = useFragmentSecret(setupLink);
	const invitation = useFragmentSecret(invitationLink);
	/** Of the invitations, the one that is done with. */
	const [invitationSeen, setInvitationSeen] = useState<FragmentSecret>();
	/** Where somebody wanted to go who was led here. */
	const [goal, setGoal] = useState(readGoal);
	/** Whom the last sign-in named: a locked session does not tell whose it is. */
	const [named, setNamed] = useState<string>();
	/** The password of that sign-in, as long as it has to be changed. */
	const [typed, setTyped] = useState<string>();
	/** Whose pages this tab shows. */
	const [shown, setShown] = useState<string>();
	const [said, setSaid] = useState<Said>({ nth: 0 });

	const say = useCallback((text?: Say) => setSaid(({ nth }) => ({ text, nth: nth + 1 })), []);
	/** `isOwn`: after a login of this tab. */
	const look = useCallback(async (what: Told, isOwn = false) => {
		const { offer: told, happening } = await whereWeStand();
		if (told !== undefined) setOffer(told);
		const hasLeft = what === 'left' && happening.kind === 'nobody-is-signed-in';
		if (hasLeft) setShown(undefined);
		if (happening.kind === 'is-signed-in') {
			const { name } = happening.identity;
			setShown((before) => (isOwn ? name : (before ?? name)));
			setTyped(undefined);
			// Without a session, what is loaded again looks again, and so on without end.
			setLooks((before) => before + 1);
		} else if (isOwn) setShown(undefined);
		happened(hasLeft ? { kind: 'left', notice: 'signed-out' } : happening);
		return happening.kind;
	}, []);
	const settle = useCallback(() => look('session changed'), [look]);

	useEffect(() => {
		void settle();
		return whenAnotherTabTells((what) => void look(what));
	}, [look, settle]);

	const desk = useMemo<Desk | undefined>(() => offer && { offer, looks, settle, say }, [offer, looks, settle, say]);

	const signedIn = useCallback<SignedIn>(
		(name, password) => {
			setNamed(name);
			setTyped(password);
			setGoal((before) => before && afterSwitch(before));
			tellOtherTabs();
			return look('session changed', true);
		},
		[look],
	);
	const left = useCallback<Leave>(
		(notice, name) => {
			// What was typed here is wanted again after a change of the password, and never after signing out.
			tellOtherTabs(notice === 'password-changed' ? 'session changed' : 'left');
			say();
			setTyped(undefined);
			setShown(undefined);
			happened({ kind: 'left', ...(notice && { notice }), ...(name !== undefined && { name }) });
		},
		[say],
	);

	const stay = useCallback(() => {
		forgetGoal();
		setGoal(undefined);
	}, []);

	if (screen.at === 'unavailable') return <Unavailable problem={screen.problem} onRetry={settle} />;
	if (screen.at === 'starting' || desk === undefined) return <Starting />;
	if (invitation !== undefined && invitation !== invitationSeen) {
		const done = () => setInvitationSeen(invitation);
		return (
			<DeskContext.Provider value={desk}>
				<InvitationPage
					key={invitation.secret}
					code={invitation.secret}
					me={screen.at === 'inside' ? screen.identity.name : undefined}
					onSignedIn={async (name) => {
						const found = await signedIn(name);
						if (found !== 'nobody-is-signed-in' && found !== 'trouble') done();
						return found;
					}}
					onLeft={done}
				/>
			</DeskContext.Provider>
		);
	}
	if (screen.at === 'inside' && shown !== undefined && shown !== screen.identity.name) {
		const goOn = () => {
			history.replaceState(null, '', location.pathname + location.search);
			setShown(screen.identity.name);
		};
		return (
			<DeskContext.Provider value={desk}>
				<SomebodyElse name={screen.identity.name} before={shown} onGoOn={goOn} onLeft={left} />
			</DeskContext.Provider>
		);
	}
	const greeting = screen.at === 'inside' && !screen.over ? screen.greeting : undefined;
	const isInside = screen.at === 'inside' && greeting === undefined;
	return (
		<DeskContext.Provider value={desk}>
			<Status said={said} />
			{greeting !== undefined && <Greeting message={greeting} onGoOn={() => happened({ kind: 'greeted' })} />}
			{screen.at === 'setup' && <Setup given={setupToken?.secret ?? ''} onDone={(name) => left('set-up', name)} />}
			{screen.at === 'sign-in' && <SignIn notice={screen.notice} name={screen.name} onSignedIn={signedIn} />}
			{screen.at === 'second-factor' && <SecondFactor name={named} onSignedIn={signedIn} onLeft={left} />}
			{screen.at === 'enrolment' && <Enrolment name={named} onSignedIn={signedIn} onLeft={left} />}
			{screen.at === 'forced-change' && (
				<ForcedChange key={named} name={named} known={typed} over={screen.over} onSignedIn={signedIn} onLeft={left} />
			)}
			{isInside && goal && !screen.over && <GoOn name={screen.identity.name} goal={goal} onStay={stay} onLeft={left} />}
			{isInside && goal && screen.over && <SignIn notice={undefined} name={undefined} onSignedIn={signedIn} />}
			{isInside && !(goal && screen.over) && <Proof key={screen.identity.name} name={screen.identity.name} />}
			{isInside && !goal && (
				<Inside
					key={screen.identity.name}
					identity={screen.identity}
					over={screen.over}
					onSignedIn={signedIn}
					onLeft={left}
				/>
			)}
		</DeskContext.Provider>
	);
}
