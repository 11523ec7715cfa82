import test from 'ava';
import type { Factor, FactorKind, FactorStanding, Proved } from '../../src/core/factor.ts';
import { byFactor, createFactors } from '../../src/core/factor.ts';
import type { Identity } from '../../src/core/identity.ts';
import { createCore } from '../_support/core.ts';
import { isFactor, useFor } from './factor.contract.ts';
import { createCodes } from './spec-factor.ts';

isFactor(test, 'codes of a spec', async () => {
	const core = await createCore();
	const [owner, stranger] = [await core.add('ada', 'four brown bears'), await core.add('eve', 'four brown bears')];
	const codes = createCodes(core.clock);
	codes.add(owner);
	return {
		...{ factor: codes.factor, clock: core.clock, owner, stranger, close: core.close },
		newRight: async () => codes.newCode(owner),
		newWrong: async () => 'wrong',
		switchOff: async () => codes.switchOff(owner),
	};
});

const byPassword: Proved = { methods: ['pwd'], level: 1 };
const byBoth: Proved = { methods: ['pwd', 'otp'], level: 2 };
const byCertificate: Proved = { methods: ['pop'], level: 1 };

const needs: readonly {
	says: string;
	has: FactorStanding;
	mustChange?: boolean;
	isRequired?: boolean;
	proved: Proved;
	need: string | undefined;
}[] = [
	{ says: 'without a factor a password is enough', has: 'none', proved: byPassword, need: undefined },
	{ says: 'with one it is not', has: 'ready', proved: byPassword, need: 'second-factor' },
	{ says: 'nor with one that is off', has: 'off', proved: byPassword, need: 'second-factor' },
	{ says: 'the factor comes first', has: 'ready', mustChange: true, proved: byPassword, need: 'second-factor' },
	{ says: 'then the password', has: 'ready', mustChange: true, proved: byBoth, need: 'password-change' },
	{ says: 'then nothing', has: 'ready', proved: byBoth, isRequired: true, need: undefined },
	{
		says: 'a change comes before enrolment',
		has: 'none',
		mustChange: true,
		isRequired: true,
		proved: byPassword,
		need: 'password-change',
	},
	{ says: 'who must have one sets one up', has: 'none', isRequired: true, proved: byPassword, need: 'enrolment' },
	{
		says: 'who came without the password need not change it',
		has: 'none',
		mustChange: true,
		proved: byCertificate,
		need: undefined,
	},
];
for (const { says, has, mustChange = false, isRequired = false, proved, need } of needs) {
	test(`what a session waits for: ${says}`, async (t) => {
		const kind: FactorKind = 'totp';
		const factors = createFactors({
			factors: [{ kind, standingOf: async () => has }],
			isRequired: () => isRequired,
		});
		const identity = { passwordChangeNeeded: mustChange } as Identity;
		t.is(await factors.needOf(identity, proved), need as never);
		t.is(await factors.levelOf(identity), has === 'none' ? 1 : 2);
		t.deepEqual(await factors.readyFor(identity), has === 'ready' ? [kind] : []);
	});
}

test('a proof by a factor hands on what was shown, for whom and for what', async (t) => {
	const seen: unknown[] = [];
	const factor: Factor<string> = {
		kind: 'totp',
		standingOf: async () => 'ready',
		async check(...args) {
			seen.push(args);
			return { ok: false, refusal: { kind: 'bad-credentials' } };
		},
	};
	const identity = {} as Identity;
	const use = useFor();
	const proof = byFactor(factor, '123456');
	t.is(proof.by, 'totp');
	await proof.check(identity, use);
	t.deepEqual(seen, [[identity, '123456', use]]);
});
