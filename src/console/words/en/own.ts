import { type Piece, phrase } from '../phrase.ts';
import { counted } from './forms.ts';

export const applications = {
	title: 'My applications',
};

export const sessions = {
	title: 'My sessions',
	lead: 'Where you are signed in. If you do not recognise one, sign it out.',
	leadWithPassword: 'Where you are signed in. If you do not recognise one, sign it out and change your password.',
	thisBrowser: 'This browser',
	waiting: {
		'second-factor': 'Must show a second factor',
		'password-change': 'Must change the password',
		enrolment: 'Must set up a second factor',
	},
	since: {
		password: (clock: Piece) => phrase`Since ${clock} by password`,
		passkey: (clock: Piece) => phrase`Since ${clock} by passkey`,
		certificate: (clock: Piece) => phrase`Since ${clock} by certificate`,
	},
	active: (ago: Piece) => phrase`Active ${ago}`,
	alsoAt: (hosts: string) => `Also at ${hosts}`,
	signOutOf: (whose: string, device: string, address: string, clock: string) =>
		`Sign out ${whose === '' ? '' : `${whose}, `}${device}, ${address}, since ${clock}`,
	signedOut: (device: string, address: string) => `Signed out: ${device}, ${address}.`,
	elsewhere: 'Sign out everywhere else',
	everywhere: 'Sign out everywhere',
	ended: (count: number) =>
		count === 0
			? 'There was no other session.'
			: counted(count, { one: 'One session has ended.', other: '# sessions have ended.' }),
};

export const tokens = {
	title: 'API tokens',
	lead: 'What your programs show in place of a password. A token opens what you hold, and no more.',
	new: 'New API token',
	purpose: 'What it is for',
	permissions: 'Permissions',
	permissionsHint: (example: Piece, admin: Piece) => phrase`One per line, as ${example}. ${admin} opens everything.`,
	networks: 'Networks',
	networksHint: 'Where it is taken from, as 10.0.0.0/8. Empty: from everywhere.',
	days: 'Days',
	daysWrong: 'Say how many days it lives: 1 to 366.',
	make: 'Make a token',
	keep: 'Keep it now: it is not shown again.',
	expired: 'Expired',
	noPermission: 'No permission',
	from: (networks: string) => `From ${networks}`,
	at: (paths: string) => `At ${paths}`,
	until: (day: Piece) => phrase`Until ${day}`,
	used: (ago: Piece, address: string | undefined) => phrase`Used ${ago} from ${address}`,
	end: 'End',
	endOf: (name: string) => `End API token: ${name}`,
	ended: (name: string) => `API token ended: ${name}.`,
};

export const security = {
	title: 'Security',
	lead: 'What you need besides your password to sign in. Have two: one can get lost.',
	factors: 'Second factors',
	noneMine: 'Anybody who knows your password can sign in as you.',
	none: 'None is set up.',
	off: 'Off',
	app: 'App with codes',
	passkey: 'Passkey',
	passkeyBackedUp: 'Passkey, backed up by its maker',
	since: (day: Piece) => phrase`Since ${day}`,
	used: (ago: Piece) => phrase`Used ${ago}`,
	appOff: 'Too many wrong codes: it proves nothing any more. Remove it, and set it up anew.',
	passkeyOff: 'It looks as if it was copied: it proves nothing any more. Remove it, and set it up anew.',
	removeTitle: (name: string) => `Remove ${name}?`,
	removeText: 'You can no longer sign in with it. Your other sessions end.',
	removed: (name: string) => `${name} is removed. Your other sessions have ended.`,
	needsOne: 'You must have a second factor: set up another one first.',
	isSetUp: (name: string) => `${name} is set up. Your other sessions have ended.`,
	addPasskey: 'Set up a passkey',
	addApp: 'Set up an app with codes',
	nothingHere: 'Nothing can be set up in this browser.',
	tooMany: 'There are as many as there may be. Remove one first.',
	newPasskey: 'New passkey',
	passkeyName: 'Name of the passkey',
	passkeyNameHint: 'As Laptop, or blue key. Then the browser asks for your fingerprint, your face, a PIN, or the key.',
	setUp: 'Set up',
	newApp: 'New app',
	appName: 'Name of the app or phone',
	appNameHint: 'Any app for one-time codes will do: Aegis, FreeOTP, Google Authenticator, a password manager.',
	scan: 'Scan this with the app. Then type the code that it shows.',
	qr: 'What the app is to know, as a QR code',
	cannotScan: 'The app cannot scan?',
	typeKey: (key: Piece) => phrase`Type this key into it, for time-based codes: ${key}`,
	codeFromApp: 'Code from the app',
	recoveryCodes: 'Recovery codes',
	noCodes: 'You have none. Without them, only an administrator can let you in when everything else is lost.',
	codesLeft: (left: number) =>
		counted(left, {
			one: 'One is left. New ones take the place of all before.',
			other: '# are left. New ones take the place of all before.',
		}),
	makeCodes: 'Make recovery codes',
	codesLead:
		'Each lets you in once when everything else is lost. Print them, or keep them where your passwords are. They are not shown again.',
	saveFile: 'Save as a file',
	kept: 'I have kept them',
};

export const history = {
	title: 'History',
	lead: 'What was done with your login in the last 90 days. If you do not recognise a sign-in, change your password.',
	none: 'Nothing is known yet.',
	older: 'Show older ones',
	acts: {
		setup: 'Made the first administrator',
		login: 'Sign-in',
		logout: 'Sign-out',
		proof: 'Proof',
		access: 'Wrong password',
		'session-end': 'Session ended',
		'session-stolen': 'Session shown without its certificate',
		'password-change': 'Password changed',
		'password-reset': 'Password set anew',
		'invitation-add': 'Invitation made',
		'invitation-use': 'Invitation used',
		'authenticator-add': 'Second factor set up',
		'authenticator-remove': 'Second factor removed',
		'authenticator-reset': 'All second factors removed',
		'authenticator-cloned': 'Passkey switched off: it was copied',
		'recovery-codes': 'Recovery codes made',
		'token-add': 'API token made',
		'token-end': 'API token ended',
		'identity-add': 'Added',
		'identity-rename': 'Renamed',
		'identity-disable': 'Disabled',
		'identity-enable': 'Enabled',
	},
	methods: {
		totp: 'by a code of an app',
		'recovery-code': 'by a recovery code',
		passkey: 'by a passkey',
		certificate: 'by a certificate',
		password: 'by password',
	},
	by: (whom: string) => `by ${whom}`,
	byOperator: 'by an operator',
	factorAsked: 'Second factor asked for',
	refused: 'Refused',
	/** `where`: an address, a device, both or nothing. */
	lastSignIn: (ago: Piece, address: string | undefined, device: string | undefined) => {
		const from = address === undefined ? '' : `, from ${address}`;
		return phrase`Last sign-in before this one: ${ago}${from}${device === undefined ? '' : ` (${device})`}.`;
	},
	refusedSince: (count: number) =>
		counted(count, { one: 'Since then one was refused.', other: 'Since then # were refused.' }),
	halfway: 'Somebody knew your password, and had no second factor: change it.',
};
