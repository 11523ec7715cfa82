import test from 'ava';
import { type SecureRequest, type SecureService, startSecureService } from '../_support/secure-service.ts';
import { startUpstream, type Upstream } from '../_support/upstream.ts';

/* Rules that name the kinds of credentials which open them: by what a session was opened, or what comes along. */

const password = 'four brown bears';
const base = '/services/session/v1';
const kinds = ['password', 'certificate', 'basic'] as const;
const basic = (name = 'ada', word = password) => ({
	Authorization: `Basic ${Buffer.from(`${name}:${word}`).toString('base64')}`,
});

async function start(kismet: boolean, upstream: Upstream): Promise<SecureService> {
	const rule = { permission: 'p', xsrf: 'unsafe', upstream: upstream.url } as const;
	const service = await startSecureService({
		auth: { basic: true, statelessCertificate: true },
		dialects: { kismet: { enabled: kismet } },
		resources: [
			...kinds.map((kind) => ({ ...rule, path: `/${kind}`, credentials: [kind] })),
			{ ...rule, path: '/people', credentials: ['password', 'certificate'] },
		],
	});
	await service.add('ada', password, { permissions: ['p'] });
	await service.add('bob', password);
	return service;
}

/** What requests show, by name. */
async function waysOf(service: SecureService, kismet: boolean): Promise<Record<string, SecureRequest>> {
	const cookieOf = ({ setCookie }: { setCookie: readonly string[] }) => ({
		Cookie: setCookie.map((line) => line.split(';')[0]).join('; '),
	});
	const login = (how: string, what: SecureRequest) => service.ask('POST', `${base}/login/${how}`, what);
	const certificate = await service.certificateOf('ada');
	const byPassword = cookieOf(await login('password', { body: { username: 'ada', password } }));
	const ofBob = cookieOf(await login('password', { body: { username: 'bob', password } }));
	return {
		...(kismet && {
			'Kismet’s session': {
				headers: cookieOf(await service.ask('GET', '/session/check_session', { headers: basic() })),
			},
		}),
		'a session by password': { headers: byPassword },
		'a session by certificate': { headers: cookieOf(await login('certificate', { as: certificate })) },
		'a certificate alone': { as: certificate },
		'Basic alone': { headers: basic() },
		'a session by password, and a certificate': { as: certificate, headers: byPassword },
		'a session by password, and Basic': { headers: { ...byPassword, ...basic() } },
		'Basic, and a certificate': { as: certificate, headers: basic() },
		'a session of one without the permission, and a certificate': { as: certificate, headers: ofBob },
		'wrong Basic': { headers: basic('ada', 'wrong') },
		nothing: {},
	};
}

let upstream: Upstream;
let kura: SecureService;
let both: SecureService;
const ways: Record<string, Record<string, SecureRequest>> = {};

test.before(async () => {
	upstream = await startUpstream();
	kura = await start(false, upstream);
	both = await start(true, upstream);
	ways.kura = await waysOf(kura, false);
	ways.both = await waysOf(both, true);
});
test.after.always(async () => {
	await kura?.close();
	await both?.close();
	upstream?.close();
});

const no = '403 credential-not-accepted';
const nobody = '401 session-missing';
const missing = '403 permission-missing';

/** By `/password`, `/certificate`, `/basic`, `/people`. */
const cases: readonly { shows: string; kura: readonly string[]; both?: readonly string[] }[] = [
	{ shows: 'a session by password', kura: ['200', no, no, '200'] },
	{ shows: 'a session by certificate', kura: [no, '200', no, '200'] },
	{ shows: 'Kismet’s session', kura: [], both: ['200', no, no, '200'] },
	{ shows: 'a certificate alone', kura: [nobody, '200', nobody, '200'] },
	// Kismet takes Basic for a login: what it opens is a session by password.
	{ shows: 'Basic alone', kura: [nobody, nobody, '200', nobody], both: ['200', nobody, '200', '200'] },
	{ shows: 'a session by password, and a certificate', kura: ['200', '200', no, '200'] },
	{ shows: 'a session by password, and Basic', kura: ['200', no, '200', '200'] },
	{ shows: 'Basic, and a certificate', kura: [nobody, '200', '200', '200'], both: ['200', '200', '200', '200'] },
	{
		shows: 'a session of one without the permission, and a certificate',
		kura: [missing, '200', no, missing],
	},
	{
		shows: 'wrong Basic',
		kura: [nobody, nobody, '401 bad-credentials', nobody],
		both: ['401 bad-credentials', nobody, '401 bad-credentials', '401 bad-credentials'],
	},
	{ shows: 'nothing', kura: [nobody, nobody, nobody, nobody] },
];
for (const { shows, ...expected } of cases) {
	for (const [which, statuses = expected.kura] of [
		['kura', expected.kura],
		['both', expected.both],
	] as const) {
		if (statuses.length === 0) continue;
		test.serial(`${shows}: ${statuses.join(', ')} (${which === 'both' ? 'with Kismet' : 'Kura alone'})`, async (t) => {
			const got: string[] = [];
			for (const path of ['/password', '/certificate', '/basic', '/people']) {
				const { status, body } = await (which === 'both' ? both : kura).ask('GET', path, ways[which]?.[shows]);
				const code = status === 200 ? undefined : (body as { code?: string }).code;
				got.push(code === undefined ? String(status) : `${status} ${code}`);
			}
			t.deepEqual(got, statuses);
		});
	}
}

test.serial(
	'a password is tried where Basic is taken, and nowhere else; nor is anybody asked for it there',
	async (t) => {
		for (const service of [kura, both]) {
			const before = service.audit().length;
			const answer = await service.ask('GET', '/certificate', { headers: basic('ada', 'wrong') });
			t.deepEqual([answer.status, answer.headers['www-authenticate']], [401, undefined]);
			t.is(service.audit().length, before, 'no attempt, and no session opened');
			t.regex((await service.ask('GET', '/basic')).headers['www-authenticate'] ?? '', /^Basic /);
		}
	},
);

test.serial('a refusal names what is taken, and is told with who it was', async (t) => {
	const answer = await kura.ask('GET', '/certificate', ways.kura?.['a session by password']);
	t.like(answer.body, { message: 'Another way to sign in is needed: certificate' });
	t.like(kura.audit().at(-1), {
		act: 'access',
		outcome: 'refused',
		reason: 'credential-not-accepted',
		identity: 'ada',
	});
});
