import test from 'ava';
import { createClient } from '../_support/client.ts';
import { type DialectService, password, startDialects } from '../_support/dialects.ts';

/* One request, several sessions and credentials: who it acts for, and that no right of one is lent to another. */

const verify = '/services/auth/v1/verify';
const basic = (name: string) => ({ Authorization: `Basic ${Buffer.from(`${name}:${password}`).toString('base64')}` });
const asked = (path: string) => ({ 'X-Forwarded-Method': 'GET', 'X-Forwarded-Uri': path });

let service: DialectService;
/** Cookies of `poor`, who holds nothing, and of `rich`, who holds what is needed. */
const cookies: Record<string, string> = {};

test.before(async () => {
	service = await startDialects({
		auth: { basic: true },
		trustedProxies: ['127.0.0.1/32'],
		resources: [{ path: '/free', permission: 'rest.treasure', xsrf: 'unsafe' }],
	});
	const port = Number(new URL(service.url).port);
	for (const [name, permissions] of Object.entries({ poor: [], rich: ['rest.treasure'] })) {
		await service.add(name, password, { permissions });
		const visitor = createClient({ port });
		await visitor.login(name, password);
		cookies[`kura ${name}`] = visitor.cookies();
		cookies[`kismet ${name}`] = `KISMET=${(await service.kismetUser(name, password)).jar.get('KISMET')}`;
		cookies[`insights ${name}`] = `session=${(await service.insightsUser(name, password)).jar.get('session')}`;
	}
});
test.after.always(async () => {
	await service?.close();
	service?.upstream.close();
});

interface Case {
	readonly says: string;
	readonly carries: readonly string[];
	readonly headers?: Readonly<Record<string, string>>;
	readonly status: number;
	readonly user?: string;
	/** Of the audit lines that the request costs. */
	readonly told?: readonly string[];
}

const missing = 'permission-missing poor';
const cases: readonly Case[] = [
	{
		says: 'Kismet’s session without the permission decides, whatever Kura’s may',
		carries: ['kismet poor', 'kura rich'],
		status: 403,
		told: [missing],
	},
	{
		says: 'Kismet’s session without the permission decides, whatever 1010data’s may',
		carries: ['kismet poor', 'insights rich'],
		status: 403,
		told: [missing],
	},
	{
		says: '1010data’s session without the permission decides, whatever Kura’s may',
		carries: ['insights poor', 'kura rich'],
		status: 403,
		told: [missing],
	},
	{
		says: 'a session without the permission decides, whatever Basic may',
		carries: ['kura poor'],
		headers: basic('rich'),
		status: 403,
		told: [missing],
	},
	{
		says: 'the first session that holds the permission lets in, and no other is looked at',
		carries: ['kismet rich', 'kura poor'],
		status: 200,
		user: 'rich',
		told: [],
	},
	{
		says: 'two sessions in one cookie contradict each other, though only one of them may',
		carries: ['kura poor', 'kura rich'],
		status: 401,
	},
	{
		says: 'two sessions in one cookie contradict each other, in the other order as well',
		carries: ['kura rich', 'kura poor'],
		status: 401,
	},
	{
		says: 'two sessions in Kismet’s cookie contradict each other',
		carries: ['kismet rich', 'kismet poor'],
		status: 401,
	},
	{
		says: 'a session that is none of ours is none: the next one lets in',
		carries: ['kismet nobody', 'kura rich'],
		status: 200,
		user: 'rich',
		told: [],
	},
];
for (const { says, carries, headers, status, user, told } of cases) {
	test.serial(says, async (t) => {
		const visitor = createClient({ port: Number(new URL(service.url).port) });
		const cookie = carries.map((which) => cookies[which] ?? `KISMET=${'A'.repeat(43)}`).join('; ');
		const before = service.audit().length;
		const answer = await visitor.send(verify, { headers: { ...asked('/free'), Cookie: cookie, ...headers } });
		t.is(answer.status, status);
		t.is(answer.headers['remote-user'], user);
		const lines = service.audit().slice(before);
		if (told) {
			t.deepEqual(
				lines.map(({ reason, identity }) => `${reason} ${identity}`),
				told,
			);
		}
		for (const line of lines) t.like(line, { act: 'access', outcome: 'refused', requestId: line.requestId });
	});
}

test.serial('Basic without the permission is refused and told once, with who it was', async (t) => {
	const visitor = createClient({ port: Number(new URL(service.url).port) });
	const before = service.audit().length;
	const answer = await visitor.send(verify, { headers: { ...asked('/free'), ...basic('poor') } });
	t.is(answer.status, 403);
	const refused = service
		.audit()
		.slice(before)
		.filter(({ outcome }) => outcome === 'refused');
	t.like(refused, { length: 1, 0: { act: 'access', reason: 'permission-missing', identity: 'poor' } });
});
