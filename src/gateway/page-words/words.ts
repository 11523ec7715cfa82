import type { CredentialKind } from '../../core/session.ts';
import type { Html } from '../../http/response/html.ts';

/*
 * What our own pages say to people. What programs are told is English (`http/response/default-answers.ts`); the console has
 * its own words (`console/words`).
 */

type TitleAndText = readonly [title: string, text: string];

/** Pages that are told alike. */
type Plain =
	| 'notFound'
	| 'notOpen'
	| 'crossSite'
	| 'ticketRefused'
	| 'badGateway'
	| 'gatewayTimeout'
	| 'unavailable'
	| 'unexpected'
	| 'signInToSee';

export interface PageWords extends Readonly<Record<Plain, TitleAndText>> {
	/** What to look for in the log. */
	reference(id: string): string;
	readonly notAllowed: string;
	signedInAs(name: Html): Html;
	permissionNeeded(permission: Html): Html;
	readonly signInAsSomebodyElse: string;
	otherWayNeeded(ways: string): Html;
	readonly signInAnotherWay: string;
	readonly credentials: Readonly<Record<CredentialKind, string>>;
	readonly mayHaveArrived: string;
	readonly tryAgain: string;
	readonly refused: string;
	readonly openInNewTab: string;
	readonly xsrfNeededTitle: string;
	/** Two settings of a rule. */
	xsrfNeeded(forPages: Html, forForms: Html): Html;
}
