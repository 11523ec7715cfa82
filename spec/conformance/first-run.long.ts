import test from 'ava';
import { doors, killedInTheMiddle } from './first-run.ts';

const rounds = process.env.LONG === 'short' ? 8 : 60;

for (const [says, door] of Object.entries(doors)) {
	test.serial(
		`killed ${rounds} times in the middle of a first run through ${says}: no administrator, or a whole one`,
		(t) =>
			killedInTheMiddle(
				t,
				door,
				Array.from({ length: rounds }, (_, at) => 0.2 + (1.2 * at) / rounds),
			),
	);
}
