import type { Answer, Answers } from './refusals.ts';
import { retryAfter } from './refusals.ts';

const message = (status: number, text: string, headers?: Record<string, string>): Answer => ({
	status,
	body: { message: text },
	...(headers && { headers }),
});

/** `{"message": …}`: Kura's words, and those of everything that is nobody's dialect. */
export const plainAnswers = {
	'bad-credentials': () => message(401, 'Wrong user name or password'),
	'too-many-attempts': ({ retryAfterMs }) =>
		message(429, 'Too many attempts, try again later', retryAfter(retryAfterMs)),
	'too-busy': ({ retryAfterMs }) => message(503, 'Too busy to check passwords, try again', retryAfter(retryAfterMs)),
	'bad-certificate': () => message(401, 'A trusted client certificate is needed'),
	'no-session': () => message(401, 'The current session is not valid'),
	'session-expired': () => message(401, 'The current session is not valid'),
	'session-locked': () => message(401, 'The password must be changed first'),
	'xsrf-token-mismatch': () => message(401, 'The XSRF token is missing or wrong'),
	'credentials-changed': () => message(401, 'The current session is not valid'),
	'password-change-needed': () => message(401, 'The password must be changed first'),
	'permission-missing': ({ permission }) => message(403, `The permission ${permission} is needed`),
	'proof-needed': ({ withinMs }) => ({
		status: 403,
		body: { message: 'Prove again who you are', proofNeeded: { maxAge: Math.floor(withinMs / 1000) } },
	}),
	'same-password': () => message(400, 'The new password equals the old one'),
	'weak-password': ({ requirement }) => message(400, `The new password ${requirement}`),
	'forwarded-request-unclear': () => message(403, 'It is not clear which request is asked about'),
	'cross-site': () => message(403, 'Requests from other sites are refused'),
	'worker-scope': () => message(403, 'A service worker from here could control pages of others'),
	'not-found': () => message(404, 'Not found'),
	'bad-name': ({ because }) => message(400, because ? `The name ${because}` : 'That cannot be a user name'),
	'name-taken': () => message(409, 'That name is taken, or looks like one that is'),
	'last-administrator': () => message(409, 'This is the last administrator who can sign in'),
	'own-password': () => message(403, 'One\u2019s own password is changed with changePassword'),
	'already-set-up': () => message(409, 'The first setup is over'),
	'not-set-up': () => message(401, 'No password has been set yet'),
	'set-in-configuration': () => message(409, 'The login is set in the configuration'),
	'setup-token-needed': () => message(403, 'The setup token is needed: the service printed it when it started'),
	malformed: ({ because }) => message(400, because ?? 'The request is malformed'),
	'unsupported-type': () => message(415, 'The content type is not supported'),
	'too-large': () => message(413, 'The body is too large'),
	'method-not-allowed': () => message(405, 'The method is not allowed here'),
	'expectation-failed': () => message(417, 'Nothing but 100-continue can be expected'),
	unavailable: ({ requestId }) => ({
		status: 503,
		body: { message: 'The service is unavailable for a moment, try again', requestId },
		headers: retryAfter(1000),
	}),
	unexpected: ({ requestId }) => ({ status: 500, body: { message: 'An unexpected error occurred', requestId } }),
} satisfies Answers;
