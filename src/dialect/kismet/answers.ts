import type { Overrides, Said } from '../../http/response/default-answers.ts';
import { answersIn, plainForm } from '../../http/response/default-answers.ts';

const loginRequired = () => ({ words: 'Login required' });
const factorElsewhere = () => ({
	status: 403,
	words: 'A second factor is needed: use an API key, or sign in at /',
});
const changeElsewhere = () => ({ status: 403, words: 'The password must be changed first, elsewhere' });

/** 401 is what python-kismet-rest takes for a login that is missing or wrong. */
const overrides: Overrides = {
	'bad-certificate': loginRequired,
	'no-session': loginRequired,
	'session-expired': loginRequired,
	'session-locked': changeElsewhere,
	'session-needs-factor': factorElsewhere,
	'session-needs-enrolment': factorElsewhere,
	'second-factor-needed': factorElsewhere,
	'xsrf-token-mismatch': loginRequired,
	'credentials-changed': () => ({ words: 'Login with the present password required' }),
	'password-change-needed': changeElsewhere,
	'proof-needed': () => ({ words: 'Login once more' }),
	'name-taken': () => ({ status: 400, words: 'That user name is taken, or looks like one that is' }),
	'own-password': () => ({ words: 'The present password is needed' }),
	/** Of many first logins at once, all but one are no longer the first. */
	'already-set-up': () => ({ status: 401, words: 'Login required: a password has been set' }),
	/** Rule: Kismet, 406 NOT ACCEPTABLE. */
	'set-in-configuration': () => ({ status: 406 }),
	'setup-token-needed': () => ({
		words: 'The setup token is needed, in the form field token: the service printed it when it started',
	}),
	'unsupported-type': () => ({ words: 'Send a form: application/x-www-form-urlencoded' }),
	unavailable: () => ({ words: 'Unavailable for a moment, try again' }),
	unexpected: ({ requestId }) => ({ words: `An unexpected error occurred: ${requestId}` }),
};

/**
 * A line of text, which no client reads: the status says it. Without `WWW-Authenticate`, or a browser would put its own
 * window over Kismet's page.
 */
const form = ({ words }: Said) => `${words}\n`;

export const kismetAnswers = answersIn(form, overrides);

/** Where somebody asks whether the setup is done: Kismet's web UI opens its "Set Login" panel on 500, on nothing else. */
export const setupAnswers = answersIn(form, { ...overrides, 'not-set-up': () => ({ status: 500 }) });

/** Rule: Kismet, 500 where a key cannot be made or revoked. One that is another's is as one that is not there. */
export const keyAnswers = answersIn(form, {
	...overrides,
	'name-taken': () => ({ status: 500, words: 'ERROR: there is a key of that name' }),
	'not-found': () => ({ status: 500, words: 'ERROR: there is no key of that name' }),
	'unsupported-type': () => ({ words: 'Send JSON, as the body or as the field json of a form' }),
});

/** What protects a resource speaks as it always does, but for the status that says that a login was right. */
export const resourceAnswers = answersIn(plainForm, { 'password-change-needed': () => ({ status: 403 }) });
