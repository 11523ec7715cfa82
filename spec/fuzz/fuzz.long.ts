import test from 'ava';
import { fuzzEndpoints, fuzzSockets } from './fuzz.ts';
import { fuzzPipelines } from './pipelines.ts';

const short = process.env.LONG === 'short';

test.serial('twenty thousand requests that no client would send break nothing', (t) =>
	fuzzEndpoints(t, short ? 2000 : 24_000),
);

test.serial('ten thousand connections of garbage break nothing', (t) => fuzzSockets(t, short ? 1000 : 12_000));

test.serial('twenty thousand pipelines break nothing', (t) => fuzzPipelines(t, short ? 1000 : 20_000));

test.serial('thousands of pipelines end none of several workers', (t) =>
	fuzzPipelines(t, short ? 500 : 5000, ['--workers', '2']),
);
