import type { Leave } from '../desk.ts';
import type { AdministrationPage } from '../page.ts';
import { AllSessions } from './all-sessions.tsx';
import { Audit } from './audit.tsx';
import { ExplainPage } from './explain.tsx';
import { Identities } from './identities.tsx';
import { IdentityPage } from './identity.tsx';
import { NewIdentityPage } from './new-identity.tsx';

export interface AdministrationProps {
	readonly page: AdministrationPage;
	/** Own name. */
	readonly me: string;
	readonly onLeft: Leave;
}

/** For administrators, in a file of its own: nobody else loads it. */
export function Administration({ page, me, onLeft }: AdministrationProps) {
	switch (page.at) {
		case 'identities':
			return <Identities me={me} />;
		case 'new-identity':
			return <NewIdentityPage />;
		case 'identity':
			return <IdentityPage key={page.name} name={page.name} me={me} onLeft={onLeft} />;
		case 'all-sessions':
			return <AllSessions onLeft={onLeft} />;
		case 'explain':
			return <ExplainPage />;
		case 'audit':
			return <Audit />;
	}
}
