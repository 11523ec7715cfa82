import test from 'ava';
import { compare } from './compare.ts';

const short = process.env.LONG === 'short';

test.serial('two thousand sequences of commands end as the model says, with sessions in memory', (t) =>
	compare(t, short ? 200 : 2000, 'memory:'),
);

test.serial('and so do some with sessions in SQLite', (t) => compare(t, short ? 60 : 500, 'sqlite:data/latchkey.db'));
