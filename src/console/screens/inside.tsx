import { useLayoutEffect, useRef } from 'preact/hooks';
import { productName } from '../brand.ts';
import { type Leave, useDesk, useLoaded, useRequest } from '../desk.ts';
import type { Me } from '../machine.ts';
import { hrefOf, type Page, usePage } from '../page.ts';
import { Act } from '../parts/button.tsx';
import { Mark } from '../parts/icons.tsx';
import { LanguageSwitch } from '../parts/language-switch.tsx';
import { Loading } from '../parts/loading.tsx';
import { adminPermission } from '../parts/permission-choice.tsx';
import { ProblemText } from '../parts/problem-text.tsx';
import { type Application, applications, logOut } from '../session-v1.ts';
import { useWords } from '../words/words.ts';
import type { AdministrationProps } from './administration.tsx';
import { Applications } from './applications.tsx';
import { OwnHistory } from './history.tsx';
import { OwnSessions } from './own-sessions.tsx';
import { PasswordPage } from './password.tsx';
import { kindsFor, Security } from './security.tsx';
import { SessionEnd } from './session-end.tsx';
import type { SignedIn } from './sign-in-form.tsx';
import { OwnTokens } from './tokens.tsx';

interface Tab {
	readonly at: Exclude<Page['at'], 'identity' | 'new-identity'>;
	/** Pages below this one. */
	readonly also: readonly Page['at'][];
}

const withApplications: Tab = { at: 'applications', also: [] };
const everybodys: readonly Tab[] = [
	{ at: 'sessions', also: [] },
	{ at: 'password', also: [] },
	{ at: 'security', also: [] },
	{ at: 'tokens', also: [] },
	{ at: 'history', also: [] },
];
const administrators: readonly Tab[] = [
	{ at: 'identities', also: ['identity', 'new-identity'] },
	{ at: 'all-sessions', also: [] },
	{ at: 'explain', also: [] },
	{ at: 'audit', also: [] },
];

/** More of them stand in a row of their own, where the window is not wide. */
const fewTabs = 6;

/** What somebody sees who is signed in. */
export function Inside({
	identity,
	over,
	onSignedIn,
	onLeft,
}: {
	identity: Me;
	over: boolean | 'second-factor';
	onSignedIn: SignedIn;
	onLeft: Leave;
}) {
	const { offer, say } = useDesk();
	const words = useWords();
	const request = useRequest();
	const asked = usePage();
	const loaded = useLoaded('applications', async () => (await applications()).applications);
	const mine = loaded.value ?? [];
	// Where there is nothing to open, nothing is said of it.
	const isWaiting = asked.at === 'applications' && loaded.value === undefined && loaded.problem === undefined;
	const tabs = [
		...(mine.length > 0 ? [withApplications] : []),
		...everybodys
			.filter(({ at }) => at !== 'password' || (offer.passwordAuthenticationEnabled && identity.hasPassword))
			.filter(({ at }) => at !== 'security' || kindsFor(offer).length > 0)
			.filter(({ at }) => at !== 'tokens' || offer.apiTokensEnabled),
		...(identity.permissions.includes(adminPermission) ? administrators : []),
	];
	const open = tabs.find(({ at, also }) => at === asked.at || also.includes(asked.at));
	const page: Page = open === undefined ? { at: 'sessions' } : asked;

	const nav = useRef<HTMLElement>(null);
	// The open tab stands in the middle of the row, where that is longer than the window is wide.
	useLayoutEffect(() => {
		const center = () => {
			const tab = nav.current?.querySelector('[aria-current]')?.getBoundingClientRect();
			if (tab === undefined || nav.current === null) return;
			const row = nav.current.getBoundingClientRect();
			nav.current.scrollBy({ left: tab.left + tab.width / 2 - (row.left + row.width / 2) });
		};
		center();
		window.addEventListener('resize', center);
		return () => window.removeEventListener('resize', center);
	}, [open?.at, tabs.length, words]);

	const signOut = () =>
		request.run(async () => {
			await logOut();
			onLeft('signed-out');
		});

	return (
		<>
			<SessionEnd name={identity.name} over={over} onSignedIn={onSignedIn} onLeft={onLeft} />
			<header class={tabs.length > fewTabs ? 'top many' : 'top'}>
				<p class="brand">
					<Mark />
					<span>{productName}</span>
				</p>
				<nav aria-label={words.common.console} ref={nav}>
					{tabs.map(({ at }) => (
						<a
							key={at}
							href={hrefOf({ at })}
							aria-current={!isWaiting && at === (open?.at ?? 'sessions') ? 'page' : undefined}
							// What was said belongs to where one was.
							onClick={() => say()}
						>
							{words.tabs[at]}
						</a>
					))}
				</nav>
				<div class="me">
					<span class="who">
						<span class="unseen">{words.tabs.signedInAs} </span>
						{identity.name}
					</span>
					<Act request={request} onAct={() => void signOut()}>
						{words.common.signOut}
					</Act>
				</div>
			</header>
			<main class="page">
				<ProblemText request={request} />
				{isWaiting ? <Loading loaded={loaded} /> : <Shown page={page} mine={mine} me={identity} onLeft={onLeft} />}
			</main>
			<LanguageSwitch />
		</>
	);
}

function Shown({ page, mine, me, onLeft }: { page: Page; mine: readonly Application[]; me: Me; onLeft: Leave }) {
	switch (page.at) {
		case 'applications':
			return <Applications applications={mine} />;
		case 'sessions':
			return <OwnSessions hasPassword={me.hasPassword} />;
		case 'tokens':
			return <OwnTokens />;
		case 'password':
			return <PasswordPage name={me.name} onLeft={onLeft} />;
		case 'security':
			return <Security />;
		case 'history':
			return <OwnHistory />;
		default:
			return <LoadedAdministration page={page} me={me.name} onLeft={onLeft} />;
	}
}

function LoadedAdministration(props: AdministrationProps) {
	const loaded = useLoaded('administration', () => import('./administration.tsx'));
	return loaded.value ? <loaded.value.Administration {...props} /> : <Loading loaded={loaded} />;
}
