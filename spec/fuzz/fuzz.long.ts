import test from 'ava';
import { fuzzEndpoints, fuzzSockets } from './fuzz.ts';

const short = process.env.LONG === 'short';

test.serial('twenty thousand requests that no client would send break nothing', (t) =>
	fuzzEndpoints(t, short ? 2000 : 24_000),
);

test.serial('ten thousand connections of garbage break nothing', (t) => fuzzSockets(t, short ? 1000 : 12_000));
