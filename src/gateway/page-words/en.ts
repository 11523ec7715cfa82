import { html } from '../../http/response/html.ts';
import type { PageWords } from './words.ts';

export const en: PageWords = {
	reference: (id) => `Reference ${id}`,
	notAllowed: 'Not allowed',
	signedInAs: (name) => html`Signed in as ${name}.`,
	permissionNeeded: (permission) => html`The permission ${permission} is needed.`,
	signInAsSomebodyElse: 'Sign in as somebody else',
	otherWayNeeded: (ways) => html`Another way to sign in is needed: ${ways}.`,
	signInAnotherWay: 'Sign in another way',
	credentials: {
		password: 'password',
		passkey: 'passkey',
		certificate: 'certificate',
		token: 'API token',
		basic: 'Basic authentication',
		jwt: 'access token',
	},
	mayHaveArrived: 'It is not known whether what you sent has arrived. Go back, and look first.',
	tryAgain: 'Try again',
	refused: 'Refused',
	notFound: ['Nothing here', 'There is no page at this address.'],
	notOpen: ['Not open', 'No rule lets anybody open this address.'],
	crossSite: ['Not from here', 'A page of another site asked for this, so it was not done.'],
	ticketRefused: [
		'Not signed in here',
		'The way here was used before, took too long, or began in another browser. Open the page anew that you want to see.',
	],
	badGateway: ['Not reachable', 'The application cannot be reached right now.'],
	gatewayTimeout: ['No answer', 'The application did not answer in time.'],
	unavailable: ['One moment', 'The service is unavailable for a moment.'],
	unexpected: ['Something went wrong', 'An unexpected error occurred.'],
	signInToSee: [
		'Sign in to see this',
		'This part of the page is protected. Sign in in a tab of its own, and then reload this page.',
	],
	openInNewTab: 'Open in a new tab',
	xsrfNeededTitle: 'Not passed on',
	xsrfNeeded: (forPages, forForms) =>
		html`This address asks for an XSRF token, which a browser does not send with pages and forms by itself. The operator of this service can have its rule say ${forPages}, for pages, or ${forForms}, for forms, too.`,
};
