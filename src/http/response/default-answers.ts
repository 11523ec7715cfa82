import type { ProofNeeded } from '../../core/refusal.ts';
import type { Answer, Answers, No } from './refusals.ts';

interface Words {
	readonly status: number;
	readonly words: string;
	/** Milliseconds until it is worth trying again. */
	readonly retryAfterMs?: number;
	readonly headers?: Readonly<Record<string, string>>;
	/** What programs learn besides, by name; in Kura's form alone. */
	readonly more?: Readonly<Record<string, unknown>>;
}

/** What is said to a no, for a protocol to give it its form. */
export interface Said extends Words {
	/** For programs. Stable, and enumerated in openapi.yaml (`RefusalCode`). */
	readonly code: string;
	/** What to look for in the log. */
	readonly requestId?: string;
}

/** Where a protocol says something else. */
export type Overrides = {
	readonly [Kind in No['kind']]?: (no: Extract<No, { kind: Kind }>) => Partial<Words>;
};

function says(status: number, words: string, retryAfterMs?: number): Words {
	return { status, words, ...(retryAfterMs !== undefined && { retryAfterMs }) };
}

/** Source: RFC 9470, 3; with 403 in place of 401, since the session is good for the rest, and nobody is to be asked for a token. */
function proofNeeded({ level, withinMs, methods }: ProofNeeded): Words {
	const within = withinMs === undefined ? undefined : Math.floor(withinMs / 1000);
	const challenge = [
		'Bearer error="insufficient_user_authentication"',
		'error_description="Prove again who you are"',
		`acr_values="${level}"`,
		...(within === undefined ? [] : [`max_age="${within}"`]),
	];
	return {
		...says(403, level > 1 ? 'Prove who you are, with a second factor' : 'Prove again who you are'),
		headers: {
			'WWW-Authenticate': challenge.join(', '),
			'Latchkey-Proof-Needed': [`level=${level}`, ...(within === undefined ? [] : [`within=${within}`])].join(', '),
		},
		more: { proofNeeded: { level, ...(within !== undefined && { within }), methods: methods ?? [] } },
	};
}

/** What a no says where no protocol says otherwise. A new kind of refusal does not compile until it stands here. */
const defaults: { readonly [Kind in No['kind']]: (no: Extract<No, { kind: Kind }>) => Words } = {
	'bad-credentials': () => says(401, 'Wrong user name or password'),
	'password-expired': () => says(401, 'This password has expired: ask for a new one'),
	'too-many-attempts': ({ retryAfterMs }) => says(429, 'Too many attempts, try again later', retryAfterMs),
	'too-busy': ({ retryAfterMs }) => says(503, 'Too busy to check passwords, try again', retryAfterMs),
	'bad-certificate': () => says(401, 'A trusted client certificate is needed'),
	'no-session': () => says(401, 'The current session is not valid'),
	'session-expired': () => says(401, 'The current session is not valid'),
	'session-locked': () => says(401, 'The password must be changed first'),
	'session-needs-factor': () => says(401, 'A second factor is needed'),
	'session-needs-enrolment': () => says(401, 'A second factor must be set up first'),
	'second-factor-needed': () => says(403, 'A second factor is needed'),
	'xsrf-token-mismatch': () => says(401, 'The XSRF token is missing or wrong'),
	'credentials-changed': () => says(401, 'The current session is not valid'),
	'password-change-needed': () => says(401, 'The password must be changed first'),
	'permission-missing': ({ permission, holder }) =>
		says(
			403,
			holder === undefined
				? `The permission ${permission} is needed`
				: `${holder} does not hold ${permission}, and so no token of ${holder} can open it`,
		),
	'token-malformed': () => says(401, 'The token is mistyped, or cut off'),
	'token-invalid': () => says(401, 'The token is not valid'),
	'token-expired': () => says(401, 'The token has expired'),
	'token-path': () => says(403, 'The token does not open this path'),
	'too-many-tokens': () => says(409, 'This identity has as many tokens as it may have: end one first'),
	'name-unfit': () => says(403, 'Kura takes names of 3 to 255 letters and digits, with single . or _ between them'),
	'service-identity': () => says(409, 'An identity of a service has no password'),
	'credential-not-accepted': ({ credentials }) =>
		says(403, `Another way to sign in is needed: ${credentials.join(', ')}`),
	'proof-needed': proofNeeded,
	'passkey-refused': () => says(400, 'The passkey is not accepted'),
	'passkey-taken': () => says(409, 'This passkey is there already'),
	'wrong-code': () => says(401, 'The code is wrong, or was used'),
	'too-many-authenticators': () => says(409, 'There are as many second factors as there may be: remove one first'),
	'last-factor': () => says(409, 'A second factor is required, and this is the last one'),
	'no-factor': () => says(409, 'Set up a second factor first'),
	'same-password': () => says(400, 'The new password equals the old one'),
	'weak-password': ({ requirement }) => says(400, `The new password ${requirement}`),
	'forwarded-request-unclear': () => says(403, 'It is not clear which request is asked about'),
	'cross-site': () => says(403, 'Requests from other sites are refused'),
	'worker-scope': () => says(403, 'A service worker from here could control pages of others'),
	'ticket-refused': () => says(400, 'The ticket is used, too old, or of another host or browser'),
	'portal-only': () => says(403, 'This can be done only where you signed in'),
	'not-found': () => says(404, 'Not found'),
	'bad-name': ({ because }) => says(400, because ? `The name ${because}` : 'That cannot be a user name'),
	'name-taken': () => says(409, 'That name is taken, or looks like one that is'),
	'last-administrator': () => says(409, 'This is the last administrator who can sign in'),
	'permission-taken': () => says(409, 'Permission already exists'),
	'permission-unknown': () => says(400, 'A permission is not defined'),
	'permission-built-in': () => says(400, 'This permission cannot be deleted: Kura or a rule names it'),
	'password-missing': () => says(400, 'A password is needed: none is set'),
	'own-password': () => says(403, 'One\u2019s own password is changed with changePassword'),
	'own-identity': () => says(409, 'This is yourself: it is not done along with others'),
	'invitation-over': () => says(404, 'That invitation is over'),
	'identity-disabled': () => says(409, 'This identity is disabled, or its time is over'),
	'already-set-up': () => says(409, 'The first setup is over'),
	'not-set-up': () => says(401, 'No password has been set yet'),
	'set-in-configuration': () => says(409, 'The login is set in the configuration'),
	'setup-token-needed': () => says(403, 'The setup token is needed: the service printed it when it started'),
	malformed: ({ because }) => says(400, because ?? 'The request is malformed'),
	'unsupported-type': () => says(415, 'The content type is not supported'),
	'too-large': () => says(413, 'The body is too large'),
	'method-not-allowed': () => says(405, 'The method is not allowed here'),
	'expectation-failed': () => says(417, 'Nothing but 100-continue can be expected'),
	'headers-too-large': () => says(431, 'The request headers are too large'),
	'request-timeout': () => says(408, 'The request took too long'),
	'bad-gateway': () => says(502, 'The upstream cannot be reached', 5000),
	'gateway-timeout': () => says(504, 'The upstream did not answer in time', 5000),
	'upstream-credentials-refused': () => says(502, 'The upstream refuses the credentials that it is shown'),
	unavailable: () => says(503, 'The service is unavailable for a moment, try again', 1000),
	unexpected: () => says(500, 'An unexpected error occurred'),
};

/** Of kinds that clients know by another code. What must look alike to them, or is the same to them, shares one. */
const codes: { readonly [Kind in No['kind']]?: string } = {
	'no-session': 'session-missing',
	'credentials-changed': 'session-expired',
	'session-locked': 'password-change-needed',
	'session-needs-factor': 'second-factor-needed',
	'session-needs-enrolment': 'enrolment-needed',
	'xsrf-token-mismatch': 'xsrf-token-invalid',
};

/** What programs know it by. */
export const codeOf = (kind: No['kind']) => codes[kind] ?? kind;

/** Every code that there is. */
export const refusalCodes: ReadonlySet<string> = new Set((Object.keys(defaults) as No['kind'][]).map(codeOf));

/** A protocol's answers: by its overrides where it has some, else by the table above; in the form that its clients read. */
export function answersIn(form: (said: Said) => Answer['body'], overrides: Overrides = {}): Answers {
	return (no) => {
		const byDefault = defaults[no.kind] as (no: No) => Words;
		const override = overrides[no.kind] as ((no: No) => Partial<Words>) | undefined;
		const said = { code: codeOf(no.kind), ...byDefault(no), ...override?.(no) };
		const { status, retryAfterMs } = said;
		return {
			status,
			body: form('requestId' in no ? { ...said, requestId: no.requestId } : said),
			...((retryAfterMs !== undefined || said.headers) && {
				headers: { ...(retryAfterMs !== undefined && retryAfter(retryAfterMs)), ...said.headers },
			}),
		};
	};
}

/** `Retry-After`: whole seconds, at least one. */
function retryAfter(ms: number): Record<string, string> {
	return { 'Retry-After': String(Math.max(1, Math.ceil(ms / 1000))) };
}

/** `{"message": …, "code": …}`: Kura's form, and that of everything that is nobody's dialect. */
export function plainForm({ words, code, requestId, more }: Said): Readonly<Record<string, unknown>> {
	return { message: words, code, ...more, ...(requestId !== undefined && { requestId }) };
}

export const plainAnswers = answersIn(plainForm);
