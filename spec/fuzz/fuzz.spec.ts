import test from 'ava';
import { fuzzEndpoints, fuzzSockets } from './fuzz.ts';
import { fuzzPipelines } from './pipelines.ts';

test.serial('some hundred requests that no client would send break nothing', (t) => fuzzEndpoints(t, 800));

test.serial('some hundred connections of garbage break nothing', (t) => fuzzSockets(t, 400));

test.serial('some hundred pipelines, cut anywhere and ended in every way, break nothing', (t) => fuzzPipelines(t, 300));
