import test from 'ava';
import { compare } from './compare.ts';

test.serial('whatever two clients and an operator do, in whatever order, sessions live as the model says', (t) =>
	compare(t, 100, 'memory:'),
);
