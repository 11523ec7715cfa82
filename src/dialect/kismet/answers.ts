import { plainAnswers } from '../../http/response/default-answers.ts';
import type { Answer, Answers } from '../../http/response/refusals.ts';
import { retryAfter } from '../../http/response/refusals.ts';

const text = (status: number, words: string, headers?: Record<string, string>): Answer => ({
	status,
	body: `${words}\n`,
	...(headers && { headers }),
});

/**
 * A line of text, which no client reads: the status says it. 401 is what python-kismet-rest takes for a login that is
 * missing or wrong. Without `WWW-Authenticate`, or a browser would put its own window over Kismet's page.
 */
export const kismetAnswers = {
	'bad-credentials': () => text(401, 'Wrong user name or password'),
	'too-many-attempts': ({ retryAfterMs }) => text(429, 'Too many attempts, try again later', retryAfter(retryAfterMs)),
	'too-busy': ({ retryAfterMs }) => text(503, 'Too busy to check passwords, try again', retryAfter(retryAfterMs)),
	'bad-certificate': () => text(401, 'Login required'),
	'no-session': () => text(401, 'Login required'),
	'session-expired': () => text(401, 'Login required'),
	'session-locked': () => text(403, 'The password must be changed first, elsewhere'),
	'xsrf-token-mismatch': () => text(401, 'Login required'),
	'credentials-changed': () => text(401, 'Login with the present password required'),
	'password-change-needed': () => text(403, 'The password must be changed first, elsewhere'),
	'permission-missing': ({ permission }) => text(403, `The permission ${permission} is needed`),
	'proof-needed': () => text(403, 'Login once more'),
	'same-password': () => text(400, 'The new password equals the old one'),
	'weak-password': ({ requirement }) => text(400, `The new password ${requirement}`),
	'forwarded-request-unclear': () => text(403, 'It is not clear which request is asked about'),
	'cross-site': () => text(403, 'Requests from other sites are refused'),
	'worker-scope': () => text(403, 'A service worker from here could control pages of others'),
	'not-found': () => text(404, 'Not found'),
	'bad-name': ({ because }) => text(400, because ? `The name ${because}` : 'That cannot be a user name'),
	'name-taken': () => text(400, 'That user name is taken, or looks like one that is'),
	'last-administrator': () => text(409, 'This is the last administrator who can sign in'),
	'own-password': () => text(403, 'The present password is needed'),
	/** Of many first logins at once, all but one are no longer the first. */
	'already-set-up': () => text(401, 'Login required: a password has been set'),
	'not-set-up': () => text(401, 'No password has been set yet'),
	/** Rule: Kismet, 406 NOT ACCEPTABLE. */
	'set-in-configuration': () => text(406, 'The login is set in the configuration'),
	'setup-token-needed': () =>
		text(403, 'The setup token is needed, in the form field token: the service printed it when it started'),
	malformed: ({ because }) => text(400, because ?? 'The request is malformed'),
	'unsupported-type': () => text(415, 'Send a form: application/x-www-form-urlencoded'),
	'too-large': () => text(413, 'The body is too large'),
	'method-not-allowed': () => text(405, 'The method is not allowed here'),
	'expectation-failed': () => text(417, 'Nothing but 100-continue can be expected'),
	unavailable: () => text(503, 'Unavailable for a moment, try again', retryAfter(1000)),
	unexpected: ({ requestId }) => text(500, `An unexpected error occurred: ${requestId}`),
} satisfies Answers;

/** Where somebody asks whether the setup is done: Kismet's web UI opens its "Set Login" panel on 500, on nothing else. */
export const setupAnswers: Answers = {
	...kismetAnswers,
	'not-set-up': () => text(500, 'No password has been set yet'),
};

/** What protects a resource speaks as it always does, but for the status that says that a login was right. */
export const resourceAnswers: Answers = {
	...plainAnswers,
	'password-change-needed': () => ({ status: 403, body: { message: 'The password must be changed first' } }),
};
