import type { ExecutionContext } from 'ava';
import type { Instant } from '../../src/core/clock.ts';
import type { SessionKey } from '../../src/core/session.ts';
import type { EndRecord } from '../../src/core/stores.ts';
import type { Test } from '../_support/patient.ts';
import { newSession } from './session-store.contract.ts';
import { soon } from './soon.ts';

export interface OpenedEnds {
	/** Fresh and empty. */
	readonly record: EndRecord;
	/** Another connection to the same record, best from another process. */
	readonly reopen?: () => Promise<EndRecord>;
}

/** The promises of an EndRecord. */
export function keepsEnds(test: Test, name: string, open: (t: ExecutionContext) => Promise<OpenedEnds>) {
	function says(sentence: string, check: (t: ExecutionContext, opened: OpenedEnds) => Promise<void>) {
		test(`${name}: ${sentence}`, async (t) => check(t, await open(t)));
	}

	const sorted = (keys: Iterable<SessionKey>) => [...keys].sort();
	const newKeys = (count: number) => Array.from({ length: count }, () => newSession().key);

	says('an end stays on record, and no other session is ended by it', async (t, { record }) => {
		const [ended, other] = newKeys(2) as [SessionKey, SessionKey];
		await record.write([ended]);
		t.deepEqual(await record.find([ended, other]), new Set([ended]));
		t.deepEqual(await record.find([other]), new Set());
		t.deepEqual(await record.find([]), new Set());
	});

	says('each end is told to the one call that put it down', async (t, { record }) => {
		const keys = newKeys(20);
		const told = await Promise.all(Array.from({ length: 5 }, () => record.write(keys)));
		t.deepEqual(sorted(told.flatMap((ended) => [...ended])), sorted(keys));
		t.deepEqual(await record.write(keys), new Set());
		t.deepEqual(await record.write([]), new Set());
	});

	says('many at once are put down and found', async (t, { record }) => {
		const keys = newKeys(2500);
		t.is((await record.write(keys)).size, keys.length);
		t.deepEqual(sorted(await record.find(keys)), sorted(keys));
	});

	says('ends are forgotten that are older than asked for, and no others', async (t, { record }) => {
		const keys = newKeys(3);
		await record.write(keys);
		await record.purge((Date.now() - 60_000) as Instant);
		t.is((await record.find(keys)).size, 3);
		await record.purge((Date.now() + 60_000) as Instant);
		t.is((await record.find(keys)).size, 0);
	});

	says('what one process puts down, another finds, and is told of where it follows', async (t, { reopen, record }) => {
		if (reopen === undefined) {
			t.log('not asked: this record belongs to one process');
			t.pass();
			return;
		}
		const other = await reopen();
		const told = new Set<SessionKey | undefined>();
		other.follow((key) => told.add(key));
		t.true(await soon(async () => other.isFollowed()));
		const keys = newKeys(3);
		await record.write(keys);
		t.deepEqual(sorted(await other.find(keys)), sorted(keys));
		t.deepEqual(await other.write(keys), new Set());
		if (!(await soon(async () => keys.every((key) => told.has(key)), 1000))) t.log('told by the session store alone');
	});
}
