import type { ExecutionContext, TestFn } from 'ava';
import type { Factor, FactorUse } from '../../src/core/factor.ts';
import type { Identity } from '../../src/core/identity.ts';
import type { SessionKey } from '../../src/core/session.ts';
import { requestFrom } from '../_support/core.ts';
import type { HandClock } from '../_support/hand-clock.ts';

/** A kind of factor, with somebody to whom it belongs and somebody who has none. */
export interface OpenedFactor<Shown> {
	readonly factor: Factor<Shown>;
	readonly clock: HandClock;
	readonly owner: Identity;
	readonly stranger: Identity;
	/** What is right, each time something else: for that purpose, in that session. */
	newRight(use: FactorUse): Promise<Shown>;
	/** Something that looks like it, and is not. */
	newWrong(use: FactorUse): Promise<Shown>;
	/** As after too many wrong ones. */
	switchOff(): Promise<void>;
	close(): Promise<void>;
}

export const useFor = (how: Partial<FactorUse> = {}): FactorUse => ({
	...{ purpose: 'login', session: 'a session' as SessionKey, request: requestFrom() },
	...how,
});

/** The promises of a Factor. */
export function isFactor<Shown>(test: TestFn, name: string, open: () => Promise<OpenedFactor<Shown>>) {
	const says = (what: string, works: (opened: OpenedFactor<Shown>, t: ExecutionContext) => Promise<void>) =>
		test(`${name}: ${what}`, async (t) => {
			const opened = await open();
			try {
				await works(opened, t);
			} finally {
				await opened.close();
			}
		});
	const wrong = { ok: false, refusal: { kind: 'bad-credentials' } } as const;

	says('who has one has it, and nobody else', async ({ factor, owner, stranger }, t) => {
		t.is(await factor.standingOf(owner), 'ready');
		t.is(await factor.standingOf(stranger), 'none');
	});

	for (const purpose of ['login', 'proof'] as const) {
		says(`what is right for a ${purpose} reaches level 2, by a method that RFC 8176 names`, async (opened, t) => {
			const { factor, owner, newRight } = opened;
			const use = useFor({ purpose });
			const outcome = await factor.check(owner, await newRight(use), use);
			if (!outcome.ok) return t.fail(outcome.refusal.kind);
			t.is(outcome.value.level, 2);
			t.true(outcome.value.methods.length > 0);
			for (const method of outcome.value.methods) t.true(['otp', 'hwk', 'swk', 'user', 'pop'].includes(method), method);
		});
	}

	says('what is wrong, and what is right for somebody else, is refused alike', async (opened, t) => {
		const { factor, owner, stranger, newRight, newWrong } = opened;
		const use = useFor();
		t.deepEqual(await factor.check(owner, await newWrong(use), use), wrong);
		t.deepEqual(await factor.check(stranger, await newRight(use), use), wrong);
		t.deepEqual(await factor.check(stranger, await newWrong(use), use), wrong);
	});

	says('of 50 at once with the same, one is right; and none later', async ({ factor, owner, newRight }, t) => {
		const use = useFor();
		const shown = await newRight(use);
		const outcomes = await Promise.all(Array.from({ length: 50 }, () => factor.check(owner, shown, use)));
		t.is(outcomes.filter(({ ok }) => ok).length, 1);
		t.false((await factor.check(owner, shown, use)).ok);
		t.false((await factor.check(owner, shown, useFor({ purpose: 'proof' }))).ok, 'nor for another purpose');
	});

	says('after wrong ones what is right has to wait, in every session and from every address', async (opened, t) => {
		const { factor, owner, clock, newRight, newWrong } = opened;
		let refused: Awaited<ReturnType<typeof factor.check>> | undefined;
		for (let times = 0; times < 20 && refused === undefined; times += 1) {
			const use = useFor({
				session: `session ${times}` as SessionKey,
				request: requestFrom({ address: `192.0.2.${times}` }),
			});
			const outcome = await factor.check(owner, await newWrong(use), use);
			if (!outcome.ok && outcome.refusal.kind === 'too-many-attempts') refused = outcome;
		}
		if (refused === undefined || refused.ok || refused.refusal.kind !== 'too-many-attempts')
			return t.fail('nobody waits');
		const use = useFor({ purpose: 'proof' });
		t.like(await factor.check(owner, await newRight(use), use), { refusal: { kind: 'too-many-attempts' } });
		clock.wind(refused.refusal.retryAfterMs);
		t.true((await factor.check(owner, await newRight(use), use)).ok);
	});

	says('one that is switched off opens nothing, and is still there', async (opened, t) => {
		const { factor, owner, newRight, switchOff } = opened;
		await switchOff();
		t.is(await factor.standingOf(owner), 'off');
		const use = useFor();
		t.deepEqual(await factor.check(owner, await newRight(use), use), wrong);
	});
}
