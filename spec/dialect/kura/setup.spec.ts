import { DatabaseSync } from 'node:sqlite';
import test, { type ExecutionContext } from 'ava';
import { createClient } from '../../_support/client.ts';
import { startService } from '../../_support/service.ts';

const setup = '/services/session/v1/setup';
const password = 'four brown bears';

async function started(t: ExecutionContext) {
	const service = await startService();
	t.teardown(service.close);
	return service;
}

test('whether a first setup is needed is told while somebody else writes, before it and ever after', async (t) => {
	const service = await started(t);
	const caller = createClient(service);
	t.deepEqual((await caller.get(setup)).body, { needed: true, tokenNeeded: true, sessionPresented: false });
	const other = new DatabaseSync(service.config.store.identities.slice('sqlite:'.length));
	t.teardown(() => other.close());
	other.exec('BEGIN IMMEDIATE');
	t.deepEqual((await caller.get(setup)).body, { needed: true, tokenNeeded: true, sessionPresented: false });
	other.exec('COMMIT');
	await service.add('ann', password);
	other.exec('BEGIN IMMEDIATE');
	for (let time = 0; time < 2; time += 1) {
		t.deepEqual((await caller.get(setup)).body, { needed: false, tokenNeeded: false, sessionPresented: false });
		t.is((await caller.post(setup, { password, token: 'x' })).status, 409);
	}
	other.exec('COMMIT');
});

test('a name that a setup asks for in vain is not in the audit: it may be a password in the wrong field', async (t) => {
	const service = await started(t);
	const { post } = createClient(service);
	const token = await service.service.core.identities.setupToken();
	const typed = 'my secret password 1';
	t.is((await post(setup, { username: typed, password })).status, 403);
	t.is((await post(setup, { username: typed, password: 'short', token })).status, 400);
	t.is((await post(setup, { username: 'ann', password, token })).status, 204);
	t.is((await post(setup, { username: typed, password, token })).status, 409);
	t.deepEqual(
		service.audit().map(({ act, outcome, reason, identity }) => [act, outcome, reason, identity]),
		[
			['setup', 'refused', 'setup-token-needed', undefined],
			['setup', 'refused', 'weak-password', undefined],
			['setup', 'ok', undefined, 'ann'],
			['setup', 'refused', 'already-set-up', undefined],
		],
	);
	t.false(JSON.stringify(service.lines).includes(typed));
});

test('the name of an identity that was not made is not in the audit either', async (t) => {
	const service = await started(t);
	const { identities } = service.service.core;
	await service.add('ann', password);
	const wanted = { permissions: [], passwordChangeNeeded: false, policy: true } as const;
	for (const [name, word] of [
		['my secret password 1', 'short'],
		['ANN', password],
		['ann', password],
	] as const) {
		const added = await identities.add(
			{ ...wanted, name: name as never, password: word as never },
			{ actor: 'operator' },
		);
		t.false(added.ok);
	}
	const refused = service.audit().filter(({ outcome }) => outcome === 'refused');
	t.deepEqual(
		refused.map(({ reason, identity }) => [reason, identity]),
		[
			['weak-password', undefined],
			['name-taken', undefined],
			['name-taken', 'ann'],
		],
	);
});
