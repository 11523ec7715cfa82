import type { ComponentChildren } from 'preact';
import type { Awaited } from '../api.ts';
import type { Leave } from '../desk.ts';
import { Card } from '../parts/card.tsx';
import { Title } from '../parts/title.tsx';
import { WayOut } from '../parts/way-out.tsx';
import { useWords } from '../words/words.ts';
import { SessionEnd } from './session-end.tsx';
import type { SignedIn } from './sign-in-form.tsx';

export interface LockedProps {
	/** `undefined`: the page was loaded anew, and a locked session does not tell whose it is. */
	readonly name: string | undefined;
	readonly onSignedIn: SignedIn;
	readonly onLeft: Leave;
}

/** The screen of a session that can do one thing, or log out. `lead`: why, where somebody is signed in already. */
export function Locked({
	awaited,
	title,
	lead,
	name,
	over = false,
	onSignedIn,
	onLeft,
	children,
}: LockedProps & {
	awaited: Awaited;
	title: string;
	lead?: string;
	over?: boolean;
	children: ComponentChildren;
}) {
	const { common, signIn } = useWords();
	return (
		<>
			<SessionEnd awaited={awaited} name={name} over={over} onSignedIn={onSignedIn} onLeft={onLeft} />
			<Card>
				<Title name={title} />
				{lead !== undefined && (
					<p>
						{name !== undefined && <>{signIn.signedInAs(<strong>{name}</strong>)} </>}
						{lead}
					</p>
				)}
				{children}
				{lead === undefined ? (
					<WayOut label={common.cancel} onLeft={onLeft} />
				) : (
					<WayOut label={common.signOut} notice="signed-out" onLeft={onLeft} />
				)}
			</Card>
		</>
	);
}
