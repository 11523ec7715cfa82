import type { Answer, Answers } from '../../http/response/refusals.ts';
import { retryAfter } from '../../http/response/refusals.ts';

/** 1010data's clients look for `error`, and at nothing else; `msg` is the word of its XML API. */
const sorry = (status: number, words: string, headers?: Record<string, string>): Answer => ({
	status,
	body: { error: words, msg: words },
	...(headers && { headers }),
});

const noSession = () => sorry(401, 'Access denied: there is no such session');

export const insightsAnswers = {
	'bad-credentials': () => sorry(401, 'Access denied: the user id and/or password are incorrect'),
	'too-many-attempts': ({ retryAfterMs }) => sorry(429, 'Too many attempts, try again later', retryAfter(retryAfterMs)),
	'too-busy': ({ retryAfterMs }) => sorry(503, 'Too busy to check passwords, try again', retryAfter(retryAfterMs)),
	'bad-certificate': noSession,
	'no-session': noSession,
	'session-expired': noSession,
	'session-locked': noSession,
	'xsrf-token-mismatch': noSession,
	'credentials-changed': noSession,
	/** Rule: 1010data, 403, with "a message suggesting you try logging in again". */
	'password-change-needed': () =>
		sorry(
			403,
			'The user id and password combination has expired. Change the password, and please try logging in again.',
		),
	'permission-missing': ({ permission }) => sorry(403, `The permission ${permission} is needed`),
	'proof-needed': () => sorry(403, 'Log in once more'),
	'same-password': () => sorry(400, 'The new password equals the old one'),
	'weak-password': ({ requirement }) => sorry(400, `The new password ${requirement}`),
	'forwarded-request-unclear': () => sorry(403, 'It is not clear which request is asked about'),
	'cross-site': () => sorry(403, 'Requests from other sites are refused'),
	'worker-scope': () => sorry(403, 'A service worker from here could control pages of others'),
	'not-found': () => sorry(404, 'Not found'),
	'bad-name': ({ because }) => sorry(400, because ? `The user id ${because}` : 'That cannot be a user id'),
	'name-taken': () => sorry(409, 'That user id is taken, or looks like one that is'),
	'last-administrator': () => sorry(409, 'This is the last administrator who can sign in'),
	'own-password': () => sorry(403, 'The present password is needed'),
	'already-set-up': () => sorry(409, 'The first setup is over'),
	'not-set-up': () => sorry(401, 'No password has been set yet'),
	'set-in-configuration': () => sorry(409, 'The login is set in the configuration'),
	'setup-token-needed': () => sorry(403, 'The setup token is needed'),
	malformed: ({ because }) => sorry(400, because ?? 'The request is malformed'),
	'unsupported-type': () => sorry(415, 'Send a form, or JSON'),
	'too-large': () => sorry(413, 'The body is too large'),
	/** Rule: 1010data, "You used a GET method instead of a POST method". */
	'method-not-allowed': () => sorry(405, 'Method not allowed: use POST'),
	'expectation-failed': () => sorry(417, 'Nothing but 100-continue can be expected'),
	unavailable: () => sorry(503, 'The service is unavailable for a moment, try again', retryAfter(1000)),
	unexpected: ({ requestId }) => sorry(500, `An unexpected error occurred: ${requestId}`),
} satisfies Answers;

/** Of what is protected, where forward-auth's answers have a `message` whoever asks. */
export const resourceAnswers = Object.fromEntries(
	Object.entries(insightsAnswers).map(([kind, answerFor]) => [
		kind,
		(no: never) => {
			const { body, ...answer }: Answer = answerFor(no);
			return typeof body === 'string' ? { ...answer, body } : { ...answer, body: { ...body, message: body.msg } };
		},
	]),
) as unknown as Answers;
