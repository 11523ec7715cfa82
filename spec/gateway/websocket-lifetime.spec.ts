import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import test, { type ExecutionContext } from 'ava';
import WebSocket, { type ClientOptions, WebSocketServer } from 'ws';
import type { Identity, Permission } from '../../src/core/identity.ts';
import type { Password } from '../../src/core/password.ts';
import { createClient } from '../_support/client.ts';
import { type SecureService, startSecureService } from '../_support/secure-service.ts';
import { startService, type TestService } from '../_support/service.ts';
import { lookAtWebSocket } from '../_support/websocket-looks.ts';

/*
 * A WebSocket lives as long as what let it in: that session, or that credential. Nothing else that its handshake carried
 * is looked at again.
 */

const password = 'a long enough secret';
const operator = { actor: 'operator' } as const;

const upstream = createServer((_, res) => res.end());
new WebSocketServer({ server: upstream }).on('connection', (socket) => {
	socket.on('message', (message, binary) => socket.send(message, { binary }));
});
/** Kura's protocol, with Basic and certificates; and one where Kismet's Basic opens sessions. */
let kura: SecureService;
let kismet: TestService;

test.before(async () => {
	upstream.listen(0, '127.0.0.1');
	await once(upstream, 'listening');
	const url = `http://127.0.0.1:${(upstream.address() as AddressInfo).port}`;
	const resources = [{ path: '/x', permission: 'rest.x', xsrf: 'unsafe', upstream: url }];
	kura = await startSecureService({ resources, auth: { basic: true, statelessCertificate: true } }, { lists: true });
	kismet = await startService({ resources, dialects: { kismet: { enabled: true } } });
});
test.after.always(async () => {
	await Promise.all([kura?.close(), kismet?.close()]);
	upstream.closeAllConnections();
	upstream.close();
});

let added = 0;
function add(service: TestService): Promise<Identity> {
	added += 1;
	return service.add(`ann-${added}`, password, { permissions: ['rest.x'] });
}
const basic = ({ name }: Identity, secret = password) => ({
	Authorization: `Basic ${Buffer.from(`${name}:${secret}`).toString('base64')}`,
});
const sessionsOf = ({ service }: TestService, { id }: Identity) => service.core.sessions.list(id, 10);

/** Opens a WebSocket, looks at it, runs the steps, and looks at it again. */
async function watched(
	t: ExecutionContext,
	url: string,
	options: ClientOptions,
	steps: () => Promise<unknown>,
	stays: boolean,
) {
	const socket = new WebSocket(`${url.replace(/^http/, 'ws')}/x`, options);
	t.teardown(() => socket.terminate());
	await once(socket, 'open');
	const answers = async () => {
		for (let looks = 0; looks < 3; looks++) {
			lookAtWebSocket();
			socket.send('still here?');
			const [back] = await once(socket, 'message');
			t.is(String(back), 'still here?');
		}
	};
	await answers();
	await steps();
	if (stays) return await answers();
	const closed = once(socket, 'close');
	lookAtWebSocket();
	await closed;
	t.pass();
}

test.serial('ten wrong passwords of a stranger at the same address cut no WebSocket that Basic let in', async (t) => {
	const ann = await add(kura);
	const guess = async () => {
		const visitor = createClient({ port: Number(new URL(kura.url).port) });
		for (let tries = 0; tries < 11; tries++) await visitor.send('/x', { headers: basic(ann, `wrong ${tries}`) });
		t.is((await visitor.send('/x', { headers: basic(ann) })).status, 429, 'who comes now has to wait');
	};
	await watched(t, kura.url, { headers: basic(ann) }, guess, true);
	const tries = kura.audit().filter(({ identity, act }) => identity === ann.name && act === 'access');
	t.is(tries.length, 12, 'looking at the WebSocket is no try');
	t.deepEqual(await sessionsOf(kura, ann), []);
});

const changes: [string, (service: TestService, ann: Identity) => Promise<unknown>][] = [
	[
		'the password is changed',
		({ service: { core } }, { id }) =>
			core.identities.setPassword(
				id,
				'another long secret' as Password,
				{ passwordChangeNeeded: false, policy: false },
				operator,
			),
	],
	[
		'the permission is taken away',
		({ service: { core } }, { id }) => core.identities.revoke(id, ['rest.x' as Permission], operator),
	],
	['the identity is disabled', ({ service: { core } }, { id }) => core.identities.setDisabled(id, true, operator)],
	['the identity is removed', ({ service: { core } }, { id }) => core.identities.remove(id, operator)],
];
for (const [says, change] of changes) {
	test.serial(`a WebSocket that Basic let in ends when ${says}`, async (t) => {
		const ann = await add(kura);
		await watched(t, kura.url, { headers: basic(ann) }, () => change(kura, ann), false);
	});

	test.serial(`a WebSocket that a certificate let in ends when ${says}`, async (t) => {
		const ann = await add(kura);
		const { cert, key } = await kura.certificateOf(ann.name);
		await watched(t, kura.secureUrl, { cert, key, rejectUnauthorized: false }, () => change(kura, ann), false);
	});
}

test.serial(
	'a WebSocket that a certificate let in ends when that certificate is revoked, and no other does',
	async (t) => {
		const ann = await add(kura);
		const [shown, other] = await Promise.all([kura.certificateOf(ann.name), kura.certificateOf(ann.name)]);
		const options = { cert: shown.cert, key: shown.key, rejectUnauthorized: false };
		const revoke = async (...revoked: (typeof shown)[]) => {
			await kura.put('revoked.pem', await kura.clientCa.list({ revoked }));
			kura.service.reload();
		};
		await watched(t, kura.secureUrl, options, () => revoke(other), true);
		await watched(t, kura.secureUrl, options, () => revoke(other, shown), false);
	},
);

test.serial('a WebSocket of a session ends with it, although Basic came along', async (t) => {
	const ann = await add(kura);
	const visitor = createClient({ port: Number(new URL(kura.url).port) });
	await visitor.login(ann.name, password);
	const headers = { Cookie: visitor.cookies(), ...basic(ann) };
	await watched(t, kura.url, { headers }, () => visitor.logout(), false);
	t.deepEqual(await sessionsOf(kura, ann), []);
});

for (const carries of ['the login alone', 'a cookie and the login'] as const) {
	test.serial(
		`a WebSocket of Kismet that came with ${carries} ends with its session, and opens no other`,
		async (t) => {
			const ann = await add(kismet);
			const visitor = createClient({ port: Number(new URL(kismet.url).port) });
			if (carries !== 'the login alone') await visitor.send('/x', { headers: basic(ann) });
			const headers = { ...basic(ann), ...(visitor.cookies() !== '' && { Cookie: visitor.cookies() }) };
			const end = async () => {
				t.is((await sessionsOf(kismet, ann)).length, 1);
				await kismet.service.core.sessions.endOf(ann.id, {}, operator);
			};
			await watched(t, kismet.url, { headers }, end, false);
			t.deepEqual(await sessionsOf(kismet, ann), []);
		},
	);
}
