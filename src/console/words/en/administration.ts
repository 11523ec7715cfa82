import { type Piece, phrase } from '../phrase.ts';
import { all, counted, either, number } from './forms.ts';

export const allSessions = {
	title: 'All sessions',
	lead: 'Who is signed in, and where.',
	find: 'Name, device or address',
	newest: (most: number) => `These are the newest ${number(most)}; there are more.`,
	shown: (shown: number, found: number) =>
		`Shown are the newest ${number(shown)} of ${number(found)}: look for one above.`,
	none: 'None of the sessions is like that.',
};

export const identities = {
	title: 'Identities',
	lead: 'Who may sign in, people and programs, and what each may open.',
	new: 'New identity',
	found: 'Identities found',
	none: 'No identity is like that.',
	pages: 'Pages',
	page: (count: number) => `Page ${number(count)}`,
	previous: 'Previous page',
	next: 'Next page',
	counted: (count: number) => counted(count, { one: '# identity', other: '# identities' }),
	countedAndMore: (count: number) =>
		counted(count, { one: '# identity, and more on the next page', other: '# identities, and more on the next page' }),
	noPermissions: 'No permissions',
	more: (count: number) => counted(count, { other: 'and # more' }),
	neverSignedIn: 'Never signed in',
	signedIn: (ago: Piece) => phrase`Signed in ${ago}`,
	find: 'Find a name',
	permission: 'Permission',
	show: 'Show',
	states: {
		'': 'Everybody',
		disabled: 'Disabled',
		'must-change-password': 'Must change the password',
		'certificate-only': 'Certificate only',
		'second-factor': 'With a second factor',
		'no-second-factor': 'By password alone',
	},
	order: 'Order',
	sorts: {
		name: 'Name',
		'-last-sign-in': 'Signed in last',
		'last-sign-in': 'Longest not signed in',
		'-created': 'Newest',
		created: 'Oldest',
	},
	badges: {
		disabled: 'Disabled',
		program: 'Program',
		certificateOnly: 'Certificate only',
		passwordExpired: 'Password expired',
		mustChange: 'Must change the password',
	},
};

export const newIdentity = {
	title: 'New identity',
	badName: 'A user name has printable characters, and no space at either end.',
	byCertificate: 'Signs in by certificate only',
	permissions: 'What it may open',
	create: 'Create',
	created: (name: string) => `${name} can sign in now.`,
};

export const identity = {
	/** Both parts of the line below the name. */
	createdSignedIn: (created: Piece, signedIn: Piece) => phrase`Created ${created}, signed in ${signedIn}`,
	createdNever: (created: Piece) => phrase`Created ${created}, never signed in`,
	permissions: 'Permissions',
	permissionsOf: (name: string) => `Permissions of ${name}`,
	mayOpen: (name: string) => `What ${name} may open`,
	permissionsSaved: (name: string) => `The permissions of ${name} are saved.`,
	giveUpTitle: 'Give up administration?',
	giveUp: 'Give it up',
	giveUpText: (permission: Piece) => phrase`Without ${permission} you cannot take this back yourself.`,
	access: 'Access',
	isDisabled: (name: string) => `${name} is disabled, and cannot sign in.`,
	disabling: (name: string) => `Disabling ${name} ends its sessions. Its permissions and password are kept.`,
	enable: 'Enable',
	disable: 'Disable',
	enabled: (name: string) => `${name} can sign in again.`,
	disabled: (name: string) => `${name} cannot sign in any more. Its sessions have ended.`,
	removal: 'Removal',
	removing: (name: string) =>
		`Removing ${name} ends its sessions and forgets its permissions. An identity added later under this name is a new one.`,
	removeTitle: (name: string) => `Remove ${name}?`,
	removeText: 'This cannot be undone.',
	removed: (name: string) => `${name} is removed.`,
	sessions: 'Sessions',
	noSessions: 'Not signed in anywhere.',
	noFactor: (name: string) => `${name} has no second factor any more. Its sessions have ended.`,
	removeAll: 'Remove all',
	removeFactorsTitle: (name: string) => `Remove the second factors of ${name}?`,
	removeFactorsText:
		'For somebody who has lost them all. The password alone is enough then, until another one is set up. Make sure that it is really them who asks.',
	password: 'Password',
	ownPassword: (page: Piece) => phrase`Your own is changed under ${page}.`,
	noPassword: 'It has none, and signs in by certificate.',
	setAnother: 'Set another password',
	setOne: 'Set a password',
	requireChange: 'Require a change',
	changeRequired: (name: string) => `${name} must change the password when signing in.`,
	setPasswordOf: (name: string) => `Set the password of ${name}`,
	passwordSet: (name: string) => `The password of ${name} is set. Its sessions have ended.`,
};

export const inviting = {
	title: 'Invitation',
	first: 'A link to set a password that nobody else has known. It is good once, and takes the place of one before.',
	password:
		'A link for somebody who has forgotten the password. The present one stays until the link is used. It is good once, and takes the place of one before.',
	factor:
		'A link for somebody who has lost every second factor. With the password it leads to where another one is set up, which takes the place of all that there were. It is good once, and takes the place of one before.',
	invite: (name: string) => `Invite ${name}`,
	for: 'For',
	purposes: {
		'new-password': 'A new password',
		'new-factor': 'Another second factor',
	},
	hours: 'Hours',
	hoursWrong: 'Say how many hours: 1 to 168.',
	make: 'Make a link',
	goodUntil: (moment: Piece, name: string) =>
		phrase`Good until ${moment}. It is not shown again: send it by a way that only ${name} reads.`,
	qr: 'The link as a QR code',
};

export const permissions = {
	others: 'Others',
	othersHint: 'With spaces between, as rest.assets.',
	unknown: (names: string) => `No rule names ${names}: it opens nothing here, unless a proxy asks for it by name.`,
	admin: 'Opens everything, and administers Latchkey',
	unnamed: 'No rule names it',
	more: (count: number) => counted(count, { other: 'and # more' }),
};

/** What a rule says. */
export const rules = {
	everyHost: 'every host',
	everyPath: 'every path',
	any: (names: readonly string[]) => either(names),
	all: (names: readonly string[]) => all(names),
	for: (whom: string) => `for ${whom}`,
};

export const explain = {
	title: 'Explain access',
	lead: 'Which rule decides about a request, and what a browser would get. Nothing is sent.',
	method: 'Method',
	address: 'Address',
	addressHint: (https: Piece, wss: Piece) => phrase`As ${https}; ${wss} for a WebSocket.`,
	who: 'Who asks',
	whoHint: 'The name of an identity. Empty: somebody who is not signed in.',
	shows: 'Shows',
	session: 'A session',
	token: (name: string, id: string) => `The API token ${name} (${id})`,
	from: 'From',
	fromHint: 'The address of the client, where rules look at it.',
	explain: 'Explain',
	explanation: 'Explanation',
	passes: 'Let through',
	stops: 'Not let through',
	rule: 'Rule',
	pageGets: 'A page gets',
	scriptGets: 'A script gets',
	programGets: 'A program gets',
	webSocketGets: 'A WebSocket gets',
	missing: 'Missing',
	whatAnswers: (upstream: Piece) => phrase`What ${upstream} answers`,
	redirect: (status: number | undefined, location: Piece) => phrase`${status}, to ${location}`,
};

export const audit = {
	title: 'Audit',
	lead: 'Who did what, as the log has it. Looking here is recorded, too.',
	person: 'Person',
	act: 'Act',
	outcome: 'Outcome',
	outcomes: { '': 'All', ok: 'Granted', refused: 'Refused' },
	address: 'Address',
	from: 'From',
	to: 'Until',
	search: 'Search',
	found: 'Lines found',
	none: 'No line is like that.',
	counted: (count: number) => counted(count, { one: '# line', other: '# lines' }),
	because: (reason: string) => `Refused: ${reason}`,
	csv: 'Export as CSV',
	ndjson: 'Export as NDJSON',
};
