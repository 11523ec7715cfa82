import type { Overrides, Said } from '../../http/response/default-answers.ts';
import { answersIn } from '../../http/response/default-answers.ts';

const noSession = () => ({ words: 'Access denied: there is no such session' });

const overrides: Overrides = {
	'bad-credentials': () => ({ words: 'Access denied: the user id and/or password are incorrect' }),
	'bad-certificate': noSession,
	'no-session': noSession,
	'session-expired': noSession,
	'session-locked': noSession,
	'session-needs-factor': noSession,
	'session-needs-enrolment': noSession,
	/** As for a password that has expired: nothing but a person in a browser can go on. */
	'second-factor-needed': () => ({ words: 'A second factor is needed. Sign in with a browser, or use an API token.' }),
	'xsrf-token-mismatch': noSession,
	'credentials-changed': noSession,
	/** Rule: 1010data, 403, with "a message suggesting you try logging in again". */
	'password-change-needed': () => ({
		status: 403,
		words: 'The user id and password combination has expired. Change the password, and please try logging in again.',
	}),
	'proof-needed': () => ({ words: 'Log in once more' }),
	'bad-name': ({ because }) => ({ words: because ? `The user id ${because}` : 'That cannot be a user id' }),
	'name-taken': () => ({ words: 'That user id is taken, or looks like one that is' }),
	'own-password': () => ({ words: 'The present password is needed' }),
	'setup-token-needed': () => ({ words: 'The setup token is needed' }),
	'unsupported-type': () => ({ words: 'Send a form, or JSON' }),
	/** Rule: 1010data, "You used a GET method instead of a POST method". */
	'method-not-allowed': () => ({ words: 'Method not allowed: use POST' }),
	unexpected: ({ requestId }) => ({ words: `An unexpected error occurred: ${requestId}` }),
};

/** 1010data's clients look for `error`, and at nothing else; `msg` is the word of its XML API. */
const form = ({ words }: Said) => ({ error: words, msg: words });

export const insightsAnswers = answersIn(form, overrides);

/** Of what is protected, where answers have a `message` and a `code` whoever asks. */
export const resourceAnswers = answersIn(
	(said) => ({ ...form(said), message: said.words, code: said.code }),
	overrides,
);
