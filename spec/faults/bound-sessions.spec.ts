import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { type Issued, newCa } from '../_support/certificates.ts';
import { createClient } from '../_support/client.ts';
import { type ChildServer, openWorkplace, serve } from '../_support/command-line.ts';
import { noSharedStores, startSharedStores } from '../_support/shared-stores.ts';

/*
 * A stolen session that is bound to a certificate: the theft stands in the audit, the owner goes on undisturbed, and neither is
 * changed by a kill -9 at the moment of an answer.
 */

const base = '/services/session/v1';
const thiefAt = '198.51.100.9';
const headerOf = ({ der }: Issued) => ({ 'Client-Cert': `:${der.toString('base64')}:` });

async function survives(t: ExecutionContext, store: object) {
	const place = await openWorkplace();
	t.teardown(() => place.remove());
	const ca = await newCa('Client CA');
	writeFileSync(join(place.folder, 'ca.pem'), ca.cert);
	await place.configure({
		store,
		https: { clientCa: 'ca.pem' },
		trustedProxies: ['127.0.0.1'],
		session: { bindCertificate: true },
	});
	await place.run(['identity', 'add', 'robot']);
	const [robot, other] = await Promise.all([1, 2].map(() => ca.issue({ subject: [{ CN: ['robot'] }] })));
	if (!robot || !other) throw new Error('no certificates');
	let server: ChildServer = await serve(place.folder);
	t.teardown(() => server.stop());
	const owner = createClient(server);
	t.is((await owner.post(`${base}/login/certificate`, undefined, headerOf(robot))).status, 204);
	const Cookie = owner.cookies();

	/** Of the session: through the trusted proxy, or from an address that is none. */
	const asked = async (more: Record<string, string>, from = '127.0.0.1') => {
		const port = Number(new URL(server.url).port);
		return (await createClient({ port, from }).get(`${base}/xsrfToken`, { Cookie, ...more })).status;
	};
	const thefts = () => {
		const lines = server.said.stdout.split('\n').filter((line) => line.includes('"session-stolen"'));
		return lines.map((line) => JSON.parse(line));
	};

	for (const round of ['at first', 'after kill -9', 'after another']) {
		const through = { 'X-Forwarded-For': thiefAt };
		t.is(await asked(through), 401, round);
		t.is(await asked({ ...through, ...headerOf(other) }), 401, round);
		t.is(await asked(headerOf(robot), '127.0.0.2'), 401, round);
		t.is(await asked(headerOf(robot)), 200, `${round}: the owner goes on`);
		const line = { act: 'session-stolen', outcome: 'refused', reason: 'bad-certificate', identity: 'robot' };
		t.is(thefts().length, 3, round);
		for (const [at, address] of [thiefAt, thiefAt, '127.0.0.2'].entries()) t.like(thefts()[at], { ...line, address });
		server.signal('SIGKILL');
		await server.ended;
		server = await serve(place.folder);
	}
	t.is(await asked(headerOf(robot)), 200);
}

test.serial('a theft is told and disturbs nobody, before and after kill -9: SQLite', async (t) => {
	await survives(t, {});
});

if (noSharedStores === undefined) {
	test.serial('a theft is told and disturbs nobody, before and after kill -9: Redis and PostgreSQL', async (t) => {
		const stores = await startSharedStores();
		t.teardown(() => stores.stop());
		await survives(t, await stores.newSettings());
	});
} else {
	test.skip(`thefts over Redis and PostgreSQL: ${noSharedStores}`, () => undefined);
}
