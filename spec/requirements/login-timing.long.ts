import test from 'ava';
import { importedKinds, line, measure } from '../bench/login-timing.ts';

const short = process.env.LONG === 'short';

test.serial('the time of a login tells nobody who exists', async (t) => {
	const compared = await measure(short ? 15 : 600);
	for (const each of compared) t.log(line(each));
	// A few samples on a busy machine judge nothing: there it is enough that the figures come about.
	if (!short) t.deepEqual(compared.filter(({ isSame }) => !isSame).map(line), []);
	t.true(compared.every(({ samples }) => samples >= 15));
});

for (const kind of importedKinds) {
	test.serial(
		`while somebody came from elsewhere with ${kind}, neither: unknown, known and theirs last alike`,
		async (t) => {
			const compared = await measure(short ? 15 : 600, kind);
			for (const each of compared) t.log(line(each));
			if (!short) t.deepEqual(compared.filter(({ isSame }) => !isSame).map(line), []);
			t.true(compared.every(({ samples }) => samples >= 15));
		},
	);
}
