import { duration } from './forms.ts';

/** What stands on many screens. */
export const common = {
	language: 'Language',
	spoken: 'The language is English now.',
	console: 'Console',
	noticeOfService: 'Notice of this service',
	moment: 'One moment…',
	tryAgain: 'Try again',
	tryAgainIn: (seconds: number) => `Try again in ${duration(seconds)}.`,
	tryAgainNow: 'You can try again now.',
	goOn: 'Go on',
	cancel: 'Cancel',
	confirm: 'Confirm',
	save: 'Save',
	done: 'Done',
	remove: 'Remove',
	removeOf: (name: string) => `Remove ${name}`,
	rename: 'Rename',
	renameOf: (name: string) => `Rename ${name}`,
	signIn: 'Sign in',
	signOut: 'Sign out',
	signInAsSomebodyElse: 'Sign in as somebody else',
	copy: 'Copy',
	copied: 'Copied.',
	userName: 'User name',
	name: 'Name',
	password: 'Password',
	you: 'You',
	none: 'There is none.',
	neverUsed: 'Never used',
	hasEndedAlready: 'It has ended already.',
	removedIdentity: 'removed identity',
	/** A browser of a kind of device. */
	deviceOn: (browser: string, system: string) => `${browser} on ${system}`,
	unknownDevice: 'unknown',
	/** Of a moment: less than a minute ago. */
	justNow: 'just now',
	/** Behind a distance in time: the same as a time of the day. */
	thenClock: (clock: string) => `, ${clock}`,
};

/** Secrets that are shown once: as a label, in a button, and where they cannot be copied. */
export const secrets = {
	token: {
		label: 'The token',
		copy: 'Copy the token',
		notCopied: 'The browser did not copy the token: select the text, and copy it by hand.',
	},
	password: {
		label: 'The password',
		copy: 'Copy the password',
		notCopied: 'The browser did not copy the password: select the text, and copy it by hand.',
	},
	link: {
		label: 'The link',
		copy: 'Copy the link',
		notCopied: 'The browser did not copy the link: select the text, and copy it by hand.',
	},
	recoveryCodes: {
		label: 'Recovery codes',
		copy: 'Copy the recovery codes',
		notCopied: 'The browser did not copy the recovery codes: select the text, and copy it by hand.',
	},
};

/** The tabs. */
export const tabs = {
	applications: 'Applications',
	sessions: 'My sessions',
	password: 'Password',
	security: 'Security',
	tokens: 'API tokens',
	history: 'History',
	identities: 'Identities',
	'all-sessions': 'All sessions',
	explain: 'Access',
	audit: 'Audit',
	signedInAs: 'Signed in as',
};
