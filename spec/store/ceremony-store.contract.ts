import type { ExecutionContext } from 'ava';
import { type Ceremony, type CeremonyKey, ceremonyKeyOf, newChallenge } from '../../src/core/ceremony.ts';
import type { Instant } from '../../src/core/clock.ts';
import { newBrowserNonce, newIdentityId, nonceDigestOf } from '../../src/core/token.ts';
import type { Test } from '../_support/patient.ts';
import { testsOf } from './opened.ts';
import { after, newSession, type OpenedSessions } from './session-store.contract.ts';

const limit = 1000;

/** That no clock of a store lets expire while the tests run. */
export function newCeremony(facts: Partial<Ceremony> = {}): Ceremony {
	return { key: ceremonyKeyOf(newChallenge()), purpose: 'login', expiresAt: after(600_000), ...facts };
}

/** The promises of a CeremonyStore, which stands beside sessions. */
export function keepsCeremonies(test: Test, name: string, open: (t: ExecutionContext) => Promise<OpenedSessions>) {
	const { says, saysOfTwo } = testsOf(test, `${name}, ceremonies`, 'ceremonies', open);

	says('a ceremony is taken once, as it was put', async (t, { ceremonies }) => {
		const { key: session, identityId } = newSession();
		const every = [
			newCeremony({ purpose: 'register', session, identityId }),
			newCeremony({ purpose: 'proof', session, identityId: newIdentityId() }),
			newCeremony({ browser: nonceDigestOf(newBrowserNonce()) }),
		];
		for (const one of every) await ceremonies.put(one, after(0), limit);
		for (const one of every) {
			t.deepEqual(await ceremonies.take(one.key), one);
			t.is(await ceremonies.take(one.key), undefined, 'once more');
		}
		t.is(await ceremonies.take(ceremonyKeyOf(newChallenge())), undefined);
	});

	says('of fifty that take it at once, one gets it', async (t, { ceremonies }) => {
		const one = newCeremony();
		await ceremonies.put(one, after(0), limit);
		const taken = await Promise.all(Array.from({ length: 50 }, () => ceremonies.take(one.key)));
		t.deepEqual(
			taken.filter((got) => got !== undefined),
			[one],
		);
	});

	says('two never share a key', async (t, { ceremonies }) => {
		const one = newCeremony();
		await ceremonies.put(one, after(0), limit);
		await t.throwsAsync(ceremonies.put({ ...one, purpose: 'register' }, after(1), limit));
		t.deepEqual(await ceremonies.take(one.key), one);
	});

	says('the newest are kept, and no more than asked for', async (t, { ceremonies }) => {
		const some = Array.from({ length: 6 }, (_, at) => newCeremony({ expiresAt: after(600_000 + at) }));
		for (const one of some) await ceremonies.put(one, after(0), 4);
		const taken = [];
		for (const { key } of some) taken.push(await ceremonies.take(key));
		t.deepEqual(taken, [undefined, undefined, ...some.slice(2)]);
	});

	says('those that wait outlast any number that is over', async (t, { ceremonies }) => {
		const waiting = newCeremony({ expiresAt: after(601_000) });
		const over = Array.from({ length: 5 }, () => newCeremony({ expiresAt: after(600_000) }));
		for (const one of over) await ceremonies.put(one, after(0), limit);
		await ceremonies.put(waiting, after(600_500), limit);
		await ceremonies.put(newCeremony({ expiresAt: after(601_001) }), after(600_501), limit);
		t.deepEqual(await ceremonies.take(waiting.key), waiting);
	});

	says('they need no session, and are none', async (t, store) => {
		const one = newCeremony({ session: newSession().key });
		await store.ceremonies.put(one, after(0), limit);
		t.is(await store.count(), 0);
		t.deepEqual(await store.list(undefined, 10), []);
		t.deepEqual(await store.sweep({ silentSince: after(9_000_000), openedBefore: 0 as Instant }, 10), []);
		t.deepEqual(await store.ceremonies.take(one.key), one);
	});

	says('odd keys find nothing', async (t, { ceremonies }) => {
		for (const key of ['', 'x', ' ', '*']) t.is(await ceremonies.take(key as CeremonyKey), undefined, key);
	});

	saysOfTwo('of two processes that take it, one gets it', async (t, one, other) => {
		for (let round = 0; round < 20; round += 1) {
			const ceremony = newCeremony({ expiresAt: after(600_000 + round) });
			await (round % 2 ? one : other).ceremonies.put(ceremony, after(0), limit);
			const taken = await Promise.all([one, other, one, other].map(({ ceremonies }) => ceremonies.take(ceremony.key)));
			t.deepEqual(
				taken.filter((got) => got !== undefined),
				[ceremony],
			);
		}
	});
}
