import test from 'ava';
import { setUpApp } from '../_support/authenticator-app.ts';
import { createClient } from '../_support/client.ts';
import { createHandClock } from '../_support/hand-clock.ts';
import { newSharedSettings } from '../_support/servers.ts';
import { startService } from '../_support/service.ts';
import { noSharedStores } from '../_support/shared-stores.ts';

/* A code counts once on all nodes: sessions in Redis, identities in PostgreSQL, two services over both. */

const base = '/services/session/v1';
const password = 'a long and honest password';

if (noSharedStores === undefined) {
	test('of 50 at once with the same code, on two nodes, one gets in; the same with a code on paper', async (t) => {
		const store = await (await newSharedSettings())();
		const clock = createHandClock(Date.now());
		const settings = {
			store,
			secondFactor: { sealingKey: Buffer.alloc(32, 7).toString('base64') },
			session: { mostPerIdentity: 1000 },
		};
		const nodes = [await startService(settings, clock), await startService(settings, clock)] as const;
		t.teardown(async () => {
			for (const node of nodes) await node.close();
		});
		await nodes[0].add('ada', password);
		const owner = createClient(nodes[0]);
		await owner.login('ada', password);
		const app = await setUpApp(owner, clock.now);
		const [paper] = ((await owner.post(`${base}/recoveryCodes`)).body as { codes: string[] }).codes;
		for (const [path, code] of [
			['login/totp', app.code()],
			['login/recoveryCode', paper],
		] as const) {
			const browsers = Array.from({ length: 50 }, (_, at) => createClient(nodes[at % 2 === 0 ? 0 : 1]));
			for (const browser of browsers) await browser.login('ada', password);
			const answers = await Promise.all(browsers.map((browser) => browser.post(`${base}/${path}`, { code })));
			const count = (status: number) => answers.filter((answer) => answer.status === status).length;
			t.log(path, { in: count(200), wrong: count(401), waits: count(429), away: count(503) });
			t.is(count(200), 1);
		}
	});
} else {
	test.skip(`a code counts once on all nodes: ${noSharedStores}`, () => undefined);
}
