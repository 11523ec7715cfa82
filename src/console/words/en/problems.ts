/** What went wrong, of no place in particular. */
export const problems = {
	unreachable: 'The service cannot be reached. Check the connection, then try again.',
	notProved: 'Nothing was changed: you have not confirmed that it is you.',
	tooMany: 'Too many attempts.',
	notAvailable: 'The service is not available at the moment.',
	failed: (reference: string | undefined) =>
		`The service has failed at this.${reference === undefined ? '' : ` Its log has more: ${reference}.`}`,
	refused: (status: number) => `The service refuses this (${status}).`,
	noSessions: 'This service keeps no sessions: its configuration has switched them off.',
	notAvailableTitle: 'Not available',
	awayForNow: 'The service cannot be reached at the moment. Trying again…',
	notAPermission: (word: string) => `“${word}” cannot be a permission: letters, digits, _ - * and dots between them.`,
};

/**
 * What a code of a refusal means where a screen has no other words for it. A code that is not here is told in the service's
 * own words, which are English.
 */
export const refusals = {
	'bad-credentials': 'The user name or the password is wrong.',
	'password-expired': 'This password has expired: ask for a new one.',
	'too-busy': 'Too many passwords are being checked at the moment. Try again.',
	'bad-certificate': 'A trusted client certificate is needed.',
	'second-factor-needed': 'A second factor is needed.',
	'enrolment-needed': 'A second factor must be set up first.',
	'password-change-needed': 'The password must be changed first.',
	'too-many-tokens': 'There are as many API tokens as there may be: end one first.',
	'service-identity': 'An identity of a service has no password.',
	'proof-needed': 'Prove again who you are.',
	'passkey-refused': 'The passkey is not accepted.',
	'passkey-taken': 'This passkey is there already.',
	'wrong-code': 'The code is wrong, or was used.',
	'too-many-authenticators': 'There are as many second factors as there may be: remove one first.',
	'last-factor': 'A second factor is required, and this is the last one.',
	'no-factor': 'Set up a second factor first.',
	'same-password': 'The new password equals the old one.',
	'not-found': 'Not found.',
	'name-taken': 'That name is taken, or looks like one that is.',
	'last-administrator': 'This is the last administrator who can sign in.',
	'permission-taken': 'This permission exists already.',
	'permission-unknown': 'A permission is not defined.',
	'permission-built-in': 'This permission cannot be deleted: Kura or a rule names it.',
	'password-missing': 'A password is needed: none is set.',
	'own-password': 'Your own password is changed under “Password”.',
	'invitation-over': 'That invitation is over.',
	'identity-disabled': 'This identity is disabled, or its time is over.',
	'already-set-up': 'The first setup is over.',
	'set-in-configuration': 'The login is set in the configuration.',
	'setup-token-needed': 'The setup token is needed: the service printed it when it started.',
	'portal-only': 'This can be done only where you signed in.',
	'too-large': 'That is too much at once.',
	// Of these the service knows more; in other languages, less has to do.
	'weak-password': undefined as string | undefined,
	'bad-name': undefined as string | undefined,
	'permission-missing': undefined as string | undefined,
	'credential-not-accepted': undefined as string | undefined,
	malformed: undefined as string | undefined,
};
