import test from 'ava';
import { compared, verdictOn } from './against.ts';

/* What the bench says of two revisions, of figures that are given. */

const [now, again] = [
	[100, 102, 98],
	[101, 99, 103],
];
const cases = [
	{ says: 'the same', former: [100, 101, 99], note: 'no difference' },
	{ says: 'dearer by what one round of the same differs, too', former: [97, 98, 95], note: 'no difference' },
	{ says: 'dearer by more', former: [90, 91, 89], note: 'WORSE' },
	{ says: 'cheaper by more', former: [112, 111, 110], note: 'better' },
	{ says: 'dearer in one round alone', former: [100, 70, 99], note: 'no difference' },
];
for (const { says, former, note } of cases) {
	test(`beside a former revision, ${says}: ${note}`, (t) => {
		const figure = compared('a session check', [now, again, former]);
		t.true(figure.note?.startsWith(`${note} (noise: 0.95–1.05)`), figure.note);
		const named =
			note === 'WORSE' ? /^Worse by more than the noise: a session check \(1\.1\d\)\.$/ : /^Nothing became worse/;
		t.regex(verdictOn([figure]), named);
	});
}
