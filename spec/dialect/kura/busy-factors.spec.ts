import test from 'ava';
import { setUpApp } from '../../_support/authenticator-app.ts';
import { type Answer, createClient } from '../../_support/client.ts';
import { sharedHashThreads } from '../../_support/hash-threads.ts';
import { startService } from '../../_support/service.ts';

/* Recovery codes take their turns in the queue of passwords: where that is full, nothing else waits for it. */

const base = '/services/session/v1';
const password = 'a long and honest password';

/** More than can wait for one thread. */
const flood = 200;

test('where too many hashes are waiting codes are neither made nor tried, and sessions are looked at', async (t) => {
	let held: Promise<unknown> = Promise.resolve();
	const service = await startService(
		{ attempts: { limit: 1000 }, passwordHash: { memory: 64, iterations: 1, parallelism: 1, concurrency: 1 } },
		undefined,
		(...how) => {
			const threads = sharedHashThreads(...how);
			return { ...threads, run: (work) => held.then(() => threads.run(work)) };
		},
	);
	t.teardown(service.close);
	for (const name of ['ann', 'bob']) await service.add(name, password);
	const browser = createClient(service);
	await browser.login('ann', password);
	await setUpApp(browser);
	const { codes } = (await browser.post(`${base}/recoveryCodes`)).body as { codes: string[] };
	const waiting = createClient(service);
	await waiting.login('ann', password);

	const gate = Promise.withResolvers<void>();
	t.teardown(() => gate.resolve());
	held = gate.promise;
	const full = Promise.withResolvers<void>();
	const logins = Array.from({ length: flood }, async () => {
		const { status } = await createClient(service).login('bob', password);
		if (status === 503) full.resolve();
		return status;
	});
	await full.promise;
	const isTooBusy = ({ status, body, headers }: Answer) => {
		t.like({ status, body }, { status: 503, body: { code: 'too-busy' } });
		t.regex(headers['retry-after'] ?? '', /^[1-9][0-9]*$/);
	};
	// Wrong ones, more than stay without consequence.
	const show = (code: string) => waiting.post(`${base}/login/recoveryCode`, { code });
	for (let times = 0; times < 8; times += 1) isTooBusy(await show('aaaa-aaaa-aaaa-aaaa'));
	isTooBusy(await show(codes[0]!));
	isTooBusy(await browser.post(`${base}/recoveryCodes`));
	t.is((await browser.me()).status, 200);
	t.like((await browser.get(`${base}/authenticators`)).body, { recoveryCodesLeft: 10 });

	gate.resolve();
	t.true((await Promise.all(logins)).includes(200));
	t.like(await show(codes[0]!), { status: 200, body: { recoveryCodesLeft: 9 } });
});
