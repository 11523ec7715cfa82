import { type Piece, phrase } from '../phrase.ts';
import { counted, duration } from './forms.ts';

export const setup = {
	title: 'Set up Latchkey',
	lead: 'Nobody can sign in yet. Create the first identity: an administrator, who can then create others.',
	token: 'Setup token',
	tokenHint: 'The service printed it when it started. It works once.',
	create: 'Create administrator',
	wrongToken: 'The setup token is wrong. The service printed it when it started.',
	alreadyDone: 'Somebody else has set this service up meanwhile. Reload the page to sign in.',
};

export const signIn = {
	title: 'Sign in',
	notices: {
		'signed-out': 'You have signed out.',
		'password-changed': 'The password is changed. Sign in with the new one.',
		'set-up': 'The administrator is created. Sign in with the password you have just set.',
	},
	or: 'or',
	form: 'Sign in with a password',
	wrong: 'The name or the password is wrong.',
	byPasskey: 'Sign in with a passkey',
	unknownPasskey: 'This passkey is not known here.',
	byCertificate: 'Sign in with a certificate',
	byCertificateAt: (port: number) => `Sign in with a certificate (port ${port})`,
	certificateNotTrusted:
		'The browser has shown no certificate that is trusted here. It asks for one once: close all of its windows to be asked again.',
	noWay: 'This service offers no way to sign in here.',
	openAnew: 'Open this page anew to sign in with a certificate.',
	cookieNotKept:
		'You were let in, but the browser has not kept the session. It must allow cookies here; and where you have signed in over https before, use https again.',
	wentAway: 'You were let in, and then the service stopped answering. Reload the page to go on.',
	greeting: 'Signed in',
	signedInAs: (name: Piece) => phrase`You are signed in as ${name}.`,
};

export const somebodyElse = {
	title: (name: string) => `You are ${name} now`,
	text: (name: Piece, before: Piece) =>
		phrase`In another tab, ${name} has signed in in place of ${before}. A browser has one session for all of its tabs.`,
	goOnAs: (name: string) => `Go on as ${name}`,
};

export const onward = {
	notProvedTitle: 'Not proved',
	notProved: 'That page asks you to prove who you are.',
	notAllowedTitle: 'Not allowed',
	unknownTitle: 'Unknown address',
	unknown: 'That address is none of those that this service leads to.',
	hereOnlyTitle: 'Signed in here only',
	hereOnly: (there: string, here: string) =>
		`${there} sent you right back: the browser does not show it the session cookie of ${here}.`,
	switch: 'You will be signed out first, and then led back to the page.',
	signOutAndGoOn: 'Sign out and go on',
	stay: 'Stay here',
};

export const invitation = {
	title: 'Invitation',
	overTitle: 'This invitation is over',
	over: 'It has been used, a newer one has taken its place, or its time is over. Ask for another one.',
	toSignIn: 'Go to the sign-in page',
	factorTitle: 'Set up another second factor',
	factorLead: (name: Piece) =>
		phrase`This invitation is for ${name}. Show your password first; then set something up that only you have. It takes the place of what was lost.`,
	newPasswordTitle: 'Choose a new password',
	firstPasswordTitle: 'Choose your password',
	passwordLead: (name: Piece) =>
		phrase`This invitation is for ${name}. The password that you choose is known to nobody else.`,
	signsOut: (me: string) => `You are signed in here as ${me}, and will be signed out.`,
	showPassword: 'Show your password',
	notYours: 'That is not your password.',
	sameAgain: 'That is the password that was to be changed. Choose another one.',
	submit: 'Set the password and sign in',
};

export const secondFactor = {
	title: 'One more step',
	form: 'Second step',
	code: 'Code from your app',
	codeHint: 'Six digits. A new code comes every 30 seconds.',
	codeWrong: 'The code is wrong, or was used. Wait for the next one; the clock of your phone must be right.',
	codeMalformed: 'The code is six digits.',
	recoveryCode: 'Recovery code',
	recoveryHint: 'One of those that you have printed or saved. Each is good once.',
	recoveryWrong: 'The recovery code is wrong, or was used.',
	recoveryMalformed: 'A recovery code is 16 letters and digits.',
	usePasskey: 'Use the passkey or security key that you have set up.',
	passkey: 'Use a passkey',
	passkeyRefused: 'This passkey is not accepted here.',
	passkeyUnusable: 'This browser cannot use your passkey here. Sign in on another device, or ask an administrator.',
	noneUsable: 'None of your second factors can be used at the moment. Ask an administrator to reset them.',
	codesLeft: (left: number) =>
		left === 0
			? 'That was the last recovery code. Make new ones under Security.'
			: counted(left, { one: 'One recovery code is left.', other: '# recovery codes are left.' }),
	otherWays: {
		certificate: 'Show the certificate instead',
		password: 'Use the password instead',
		passkey: 'Use a passkey instead',
		totp: 'Use a code from your app instead',
		recoveryCode: 'I have lost it: use a recovery code',
	},
	enrolmentTitle: 'Set up a second factor',
	enrolmentLead: 'Here a password alone is not enough. Before anything else, set up something that only you have.',
	replaces: (names: string) => `It takes the place of what you had: ${names}.`,
};

export const passkeys = {
	taken: 'This device is set up already.',
	notHere: 'Passkeys cannot be used at this address.',
	cancelled: 'No passkey was used: it was cancelled, or took too long.',
};

export const proof = {
	title: 'Is it you?',
	needsPasskey: 'A passkey is needed to go on, and this browser cannot use one here.',
	needsFactor: 'A second factor is needed to go on, and you have set none up: do so under Security.',
	needsSignIn: 'Sign out, and sign in again, to go on.',
	lead: 'You signed in a while ago, or with less than this needs. Before it is done, prove that it is you.',
	leadCertificate:
		'You signed in a while ago, or with less than this needs. Before it is done, prove that it is you: show your certificate again.',
	leadPasskey:
		'You signed in a while ago, or with less than this needs. Before it is done, prove that it is you: use your passkey.',
	form: 'Confirm that it is you',
	certificateNotShown: 'The browser has not shown the certificate that you signed in with.',
};

export const sessionEnd = {
	endingTitle: 'Your session is about to end',
	/** A line of its own, which counts down. */
	endingIn: (seconds: number) => `In ${duration(seconds)}`,
	bySilence: (endingIn: Piece) => phrase`${endingIn} you will be signed out, since nothing has happened for a while.`,
	byAge: (endingIn: Piece) =>
		phrase`${endingIn} you will be signed out, since a session may not grow older, however busy it is. What you have typed stays, and you can sign in again right here.`,
	stay: 'Stay signed in',
	signOutNow: 'Sign out now',
	endedTitle: 'Your session has ended',
	ended:
		'Nothing happened for a while, or it was ended elsewhere. What you have typed is still there: sign in again and go on.',
};
