import { Agent } from 'node:https';
import { mock } from 'node:test';
import { setImmediate as nextTurn } from 'node:timers/promises';
import test, { type ExecutionContext } from 'ava';
import { followCertificates } from '../../src/certificates/watch-files.ts';
import {
	clientAuth,
	cRLSign,
	Extension,
	type Issued,
	keyCertSign,
	newCa,
	newSelfSigned,
	unknownCritical,
} from '../_support/certificates.ts';
import { createHandClock } from '../_support/hand-clock.ts';
import { type JudgingServer, startJudgingServer } from '../_support/judging-server.ts';

const dayMs = 86_400_000;
const server = await newSelfSigned({ subject: [{ CN: ['localhost'] }] });
const ca = await newCa('Clients');
const alice = await ca.issue({ subject: [{ CN: ['alice'] }] });
const bob = await ca.issue({ subject: [{ CN: ['bob'] }] });
const twin = await newCa('Clients');
const below = await ca.issue({
	subject: [{ CN: ['Below'] }],
	authority: true,
	purposes: null,
	keyUsage: keyCertSign | cRLSign,
});
const carol = await below.issue({ subject: [{ CN: ['carol'] }] });
const mute = await newCa('Mute', { keyUsage: keyCertSign });

const useless = [
	{ says: 'of the future', crl: await ca.list({ fromDays: 1 }) },
	{ says: 'signed by another CA of the same name', crl: await twin.list() },
	{ says: 'signed by a client', crl: await ca.list({ forgedBy: bob }) },
	{ says: 'of another CA', crl: await below.list() },
	{
		says: 'that is a part of something, in a way we do not understand',
		crl: await ca.list({ more: [unknownCritical] }),
	},
	{ says: 'that was cut off', crl: (await ca.list()).replace(/\n[^\n]+(\n-----END)/, '$1') },
	{ says: 'that is empty', crl: '' },
];

/** `[0] { [0] { [6] uri } }`: the name of a distribution point. */
function pointName(uri: string): Buffer {
	const wrap = (tag: number, content: Buffer) => Buffer.concat([Buffer.from([tag, content.length]), content]);
	return wrap(0xa0, wrap(0xa0, wrap(0x86, Buffer.from(uri))));
}
const sequence = (...parts: Buffer[]) => {
	const content = Buffer.concat(parts);
	return Buffer.concat([Buffer.from([0x30, content.length]), content]);
};
/** The list that a CA splits off for what it signed with this address in it, as AWS Private CA does. */
const issuingPoint = (uri: string, ...more: Buffer[]) =>
	new Extension('2.5.29.28', true, sequence(pointName(uri), ...more));
const distributionPoint = (uri: string) => new Extension('2.5.29.31', false, sequence(sequence(pointName(uri))));

const listed = 'http://crl.example.org/1.crl';
const dave = await ca.issue({ subject: [{ CN: ['dave'] }], more: [distributionPoint(listed)] });

async function start(t: ExecutionContext, crl: string, trusted: readonly Issued[] = [ca]): Promise<JudgingServer> {
	const judging = await startJudgingServer({ server, ca: trusted, crl });
	t.teardown(() => judging.close());
	return judging;
}

const as = ({ cert, key }: Issued) => ({ cert, key });
const problems = ({ logged }: JudgingServer) => logged.filter(({ level }) => level === 'error');

test('a certificate on the list opens nothing, the others of its CA do', async (t) => {
	const judging = await start(t, await ca.list({ revoked: [alice] }));
	t.deepEqual(await judging.ask(as(alice)), { kind: 'refused', flaw: 'revoked' });
	t.like(await judging.ask(as(bob)), { kind: 'trusted', name: 'bob' });
	t.deepEqual(problems(judging), []);
});

test('a list with an address of its own speaks of certificates that name this address, and of no others', async (t) => {
	const whole = await start(t, await ca.list({ more: [issuingPoint(listed)] }));
	t.like(await whole.ask(as(dave)), { kind: 'trusted', name: 'dave' });
	t.deepEqual(
		await whole.ask(as(alice)),
		{ kind: 'refused', flaw: 'revocation-unknown' },
		'it may stand on another list',
	);
	const naming = await start(t, await ca.list({ revoked: [dave], more: [issuingPoint(listed)] }));
	t.deepEqual(await naming.ask(as(dave)), { kind: 'refused', flaw: 'revoked' });
	const elsewhere = await start(t, await ca.list({ more: [issuingPoint(`${listed}2`)] }));
	t.deepEqual(await elsewhere.ask(as(dave)), { kind: 'refused', flaw: 'revocation-unknown' });
	t.deepEqual([...problems(whole), ...problems(naming)], []);
});

for (const [says, part] of [
	['of users only', [0x81, 1, 0xff]],
	['of CAs only', [0x82, 1, 0xff]],
	['of some reasons only', [0x83, 2, 0, 0xff]],
	['of other issuers, too', [0x84, 1, 0xff]],
] as const) {
	test(`a list ${says} is not taken for a whole one`, async (t) => {
		const judging = await start(t, await ca.list({ more: [issuingPoint(listed, Buffer.from(part))] }));
		t.deepEqual(await judging.ask(as(dave)), { kind: 'refused', flaw: 'revocation-unknown' });
		t.is(problems(judging).length, 1);
	});
}

test('a list that replaces another one counts from the next look at the file, for connections that stay open too', async (t) => {
	const judging = await start(t, await ca.list());
	const agent = new Agent({ keepAlive: true, maxSockets: 1, ...as(alice), rejectUnauthorized: false });
	t.teardown(() => agent.destroy());
	const ports: (number | undefined)[] = [];
	judging.server.on('request', (req) => ports.push(req.socket.remotePort));
	t.like(await judging.ask({ agent }), { kind: 'trusted' });
	judging.put('crl.pem', await ca.list({ revoked: [alice] }));
	judging.trust.reload();
	t.deepEqual(await judging.ask({ agent }), { kind: 'refused', flaw: 'revoked' });
	t.is(ports[0], ports[1]);
});

test.serial(
	'the holder of a certificate that a new list names is out within a minute, without anybody doing anything',
	async (t) => {
		const judging = await start(t, await ca.list());
		mock.timers.enable({ apis: ['setInterval'] });
		let judged = 0;
		const clock = createHandClock();
		const following = followCertificates({
			trust: judging.trust,
			reloadTls: () => judging.tls.reload(judging.server),
			async judgeSessions(trust) {
				t.is(trust, judging.trust);
				judged += 1;
			},
			clock,
			log: { warn: t.log },
		});
		t.teardown(async () => {
			await following.stop();
			mock.timers.reset();
		});
		t.is(judged, 1, 'at the beginning');
		await nextTurn();
		judging.put('crl.pem', await ca.list({ revoked: [alice] }));
		judging.put('server.pem', bob.cert);
		judging.put('server-key.pem', bob.key);
		t.is(judging.trust.judge(alice.der).kind, 'trusted');
		mock.timers.tick(9_000);
		t.deepEqual(judging.trust.judge(alice.der), { kind: 'refused', flaw: 'revoked' });
		t.is(judged, 2, 'and with the new list, within ten seconds');
		t.true(judging.logged.some(({ message }) => message === 'the TLS certificate was read again'));
		await nextTurn();
		mock.timers.tick(60_000);
		t.is(judged, 2, 'not while nothing changes');
		clock.wind(600_000);
		mock.timers.tick(5_000);
		t.is(judged, 3, 'but every ten minutes: a certificate may have expired');
	},
);

test.serial('sessions that could not be judged are judged at the next look', async (t) => {
	const judging = await start(t, await ca.list());
	mock.timers.enable({ apis: ['setInterval'] });
	const warned: string[] = [];
	let judged = 0;
	const following = followCertificates({
		trust: judging.trust,
		async judgeSessions() {
			judged += 1;
			if (judged < 3) throw new Error('the store is away');
		},
		clock: createHandClock(),
		log: { warn: (_: object, text: string) => warned.push(text) },
	});
	t.teardown(async () => {
		await following.stop();
		mock.timers.reset();
	});
	for (let look = 1; look <= 5; look += 1) {
		await nextTurn();
		t.is(judged, Math.min(look, 3));
		mock.timers.tick(5_000);
	}
	t.is(warned.length, 2);
});

test('an outdated list refuses everybody, is reported once, and a new one puts it right', async (t) => {
	const judging = await start(t, await ca.list({ untilDays: 7 }));
	t.like(await judging.ask(as(bob)), { kind: 'trusted' });
	judging.wind(7 * dayMs + 60_000);
	t.deepEqual(await judging.ask(as(bob)), { kind: 'refused', flaw: 'revocation-unknown' });
	judging.trust.reload();
	judging.trust.reload();
	t.is(problems(judging).length, 1);
	t.deepEqual(await judging.ask(), { kind: 'none' });
	judging.put('crl.pem', await ca.list({ untilDays: 14 }));
	judging.trust.reload();
	t.like(await judging.ask(as(bob)), { kind: 'trusted' });
	t.is(judging.logged.at(-1)?.message, 'the revocation list is in order again');
});

test('a certificate that an outdated list names is still called revoked', async (t) => {
	const judging = await start(
		t,
		(await ca.list({ revoked: [alice], fromDays: -9, untilDays: -2 })) + (await ca.list()),
	);
	t.deepEqual(await judging.ask(as(alice)), { kind: 'refused', flaw: 'revoked' });
	t.like(await judging.ask(as(bob)), { kind: 'trusted' });
});

test('a list that cannot be read refuses everybody, whether it was there at the start or not', async (t) => {
	const judging = await start(t, 'no list');
	t.deepEqual(await judging.ask(as(bob)), { kind: 'refused', flaw: 'revocation-unknown' });
	judging.put('crl.pem', await ca.list());
	judging.trust.reload();
	t.like(await judging.ask(as(bob)), { kind: 'trusted' });
	judging.remove('crl.pem');
	judging.trust.reload();
	judging.trust.reload();
	t.deepEqual(await judging.ask(as(bob)), { kind: 'refused', flaw: 'revocation-unknown' });
	t.is(problems(judging).length, 2);
});

for (const { says, crl } of useless) {
	test(`a list ${says} refuses everybody`, async (t) => {
		const judging = await start(t, crl);
		t.deepEqual(await judging.ask(as(bob)), { kind: 'refused', flaw: 'revocation-unknown' });
		t.is(problems(judging).length, 1);
	});
}

test('a list of a CA that may sign none says nothing', async (t) => {
	const judging = await start(t, await mute.list(), [mute]);
	t.deepEqual(await judging.ask(as(await mute.issue({}))), { kind: 'refused', flaw: 'revocation-unknown' });
});

test('each CA on the way needs a list, and may be revoked itself', async (t) => {
	const both = [ca, below];
	const judging = await start(t, (await ca.list()) + (await below.list()), both);
	t.like(await judging.ask(as(carol)), { kind: 'trusted', name: 'carol' });
	judging.put('crl.pem', await below.list());
	judging.trust.reload();
	t.deepEqual(await judging.ask(as(carol)), { kind: 'refused', flaw: 'revocation-unknown' });
	judging.put('crl.pem', (await ca.list({ revoked: [below] })) + (await below.list()));
	judging.trust.reload();
	t.deepEqual(await judging.ask(as(carol)), { kind: 'refused', flaw: 'revoked' });
});

test('a serial number counts for the CA that gave it only', async (t) => {
	const other = await newCa('Other');
	const judging = await start(t, (await ca.list()) + (await other.list({ revoked: [bob] })), [ca, other]);
	t.like(await judging.ask(as(bob)), { kind: 'trusted' });
});

test('without a configured list nobody is revoked', async (t) => {
	const judging = await startJudgingServer({ server, ca: [ca] });
	t.teardown(() => judging.close());
	t.like(await judging.ask(as(alice)), { kind: 'trusted' });
	t.deepEqual(judging.logged, []);
});

test('a CA that is taken out of the file vouches for nobody any more, one that is put in does', async (t) => {
	const judging = await startJudgingServer({ server, ca: [ca, mute] });
	t.teardown(() => judging.close());
	const dave = await twin.issue({ subject: [{ CN: ['dave'] }] });
	const agent = new Agent({ keepAlive: true, maxSockets: 1, ...as(alice), rejectUnauthorized: false });
	t.teardown(() => agent.destroy());
	t.like(await judging.ask({ agent }), { kind: 'trusted' });
	t.deepEqual(await judging.ask(as(dave)), { kind: 'refused', flaw: 'untrusted' });
	judging.put('ca.pem', twin.cert);
	judging.trust.reload();
	judging.tls.reload(judging.server);
	t.deepEqual(await judging.ask({ agent }), { kind: 'refused', flaw: 'untrusted' });
	t.deepEqual(await judging.ask(as(alice)), { kind: 'refused', flaw: 'untrusted' });
	t.like(await judging.ask(as(dave)), { kind: 'trusted', name: 'dave' });
});

test('a file of CAs that cannot be read any more changes nothing and is reported once', async (t) => {
	const judging = await startJudgingServer({ server, ca: [ca] });
	t.teardown(() => judging.close());
	judging.put('ca.pem', 'oops');
	judging.trust.reload();
	judging.trust.reload();
	judging.tls.reload(judging.server);
	t.like(await judging.ask(as(alice)), { kind: 'trusted' });
	t.is(problems(judging).length, 1);
});

const noCas = [
	{ says: 'nothing', files: [], message: /holds no certificate/ },
	{ says: 'a certificate that is no CA', files: [ca, alice], message: /is no CA: "CN=alice"/ },
	{ says: 'a CA without the one above it', files: [below], message: /"CN=Below" without the one above it/ },
];
for (const { says, files, message } of noCas) {
	test(`the service does not start on a file of CAs that holds ${says}`, async (t) => {
		await t.throwsAsync(startJudgingServer({ server, ca: files }), { message });
	});
}

test('an expired certificate is refused on a connection that was opened in time', async (t) => {
	const brief = await ca.issue({ subject: [{ CN: ['brief'] }], untilDays: 1, purposes: [clientAuth] });
	const judging = await startJudgingServer({ server, ca: [ca] });
	t.teardown(() => judging.close());
	const agent = new Agent({ keepAlive: true, maxSockets: 1, ...as(brief), rejectUnauthorized: false });
	t.teardown(() => agent.destroy());
	t.like(await judging.ask({ agent }), { kind: 'trusted' });
	judging.wind(2 * dayMs);
	t.deepEqual(await judging.ask({ agent }), { kind: 'refused', flaw: 'expired' });
});
