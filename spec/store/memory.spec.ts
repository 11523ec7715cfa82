import test from 'ava';
import { createMemorySessions } from '../../src/store/memory/sessions.ts';
import { keepsCeremonies } from './ceremony-store.contract.ts';
import { keepsHandovers } from './handover-store.contract.ts';
import { keepsRefreshTokens, sweepsRefreshTokens } from './refresh-token-store.contract.ts';
import { keepsSessions } from './session-store.contract.ts';

for (const keeps of [keepsSessions, keepsHandovers, keepsCeremonies, keepsRefreshTokens, sweepsRefreshTokens]) {
	keeps(test, 'in memory', async () => ({ store: createMemorySessions() }));
}
