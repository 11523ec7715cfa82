import type { Loaded } from '../desk.ts';
import type { Identity } from '../session-v1.ts';

/** What the parts of an identity's page are handed. */
export interface SectionProps {
	readonly identity: Identity;
	/** Of the administrator that looks. */
	readonly isMe: boolean;
	readonly reload: Loaded<Identity>['reload'];
}
