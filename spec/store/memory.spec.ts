import test from 'ava';
import { createMemorySessions } from '../../src/store/memory/sessions.ts';
import { keepsSessions } from './session-store.contract.ts';

keepsSessions(test, 'in memory', async () => ({ store: createMemorySessions() }));
