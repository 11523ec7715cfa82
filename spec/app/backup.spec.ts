import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { backUp, restoreElsewhere, restoreToSqlite } from '../../src/app/backup.ts';
import { openStores } from '../../src/app/stores.ts';
import { readConfig } from '../../src/config/read.ts';
import { createClock } from '../../src/core/clock.ts';
import { dataDir } from '../_support/folder.ts';
import { newTotp } from '../store/authenticator-store.contract.ts';
import { newIdentity } from '../store/identity-store.contract.ts';

const nobody = () => undefined;
const key = 'min-length-alone';

/** Installations in a folder of their own, each in a file of its name. */
async function openPlace(t: ExecutionContext) {
	const folder = await mkdtemp(join(dataDir, 'latchkey-'));
	t.teardown(() => rm(folder, { recursive: true }));
	const configOf = (name: string) => {
		const settings = { store: { identities: `sqlite:${join(folder, name)}`, sessions: 'memory:' } };
		return readConfig({ settings, env: {} });
	};
	const open = async (name: string) => {
		const stores = await openStores(configOf(name), createClock(), {
			onTransition: nobody,
			onFault: nobody,
			onNotice: nobody,
		});
		t.teardown(() => stores.identities.close());
		return stores;
	};
	return { folder, configOf, open };
}

/** As `backUp` sees one whose identities are elsewhere: what it does there rests on what the stores tell alone. */
const elsewhere = readConfig({
	settings: { store: { identities: 'postgres://nowhere/', sessions: 'memory:' } },
	env: {},
});

for (const begunWith of ['15', undefined]) {
	test(`a backup and what is restored from it have what the installation was begun with: ${begunWith}`, async (t) => {
		const { folder, configOf, open } = await openPlace(t);
		const [here, there] = [await open('here.db'), await open('there.db')];
		await here.identities.insertFirst(newIdentity());
		await here.notes.put(key, begunWith);
		for (const [how, config] of Object.entries({ sqlite: configOf('here.db'), elsewhere })) {
			const file = join(folder, `${how}.backup`);
			t.is(await backUp(config, here, file), 1);
			await there.notes.put(key, begunWith === undefined ? '15' : undefined);
			await restoreToSqlite(configOf('there.db'), file, nobody);
			t.is(await there.notes.find(key), begunWith, how);
			await mkdir(join(folder, how));
			const anew = await open(`${how}.db`);
			await anew.notes.put(key, begunWith === undefined ? '15' : undefined);
			await restoreElsewhere(anew, file, join(folder, how, 'beside'));
			t.is(await anew.notes.find(key), begunWith, how);
		}
	});
}

test('nobody whose second factor is not restored yet can log in, while a service runs on that store', async (t) => {
	const { folder, open } = await openPlace(t);
	const [here, there] = [await open('here.db'), await open('there.db')];
	const identity = newIdentity();
	await here.identities.insertFirst(identity);
	await here.identities.authenticators.write(identity.id, { authenticators: [newTotp(identity)], recoveryCodes: [] });
	const file = join(folder, 'backup');
	await backUp(elsewhere, here, file);
	const { authenticators } = there.identities;
	const couldLogIn: unknown[] = [];
	const identities: typeof there.identities = {
		...there.identities,
		authenticators: {
			...authenticators,
			async write(id, factors) {
				couldLogIn.push((await there.identities.find(id))?.disabled === false);
				return authenticators.write(id, factors);
			},
		},
	};
	await restoreElsewhere({ ...there, identities }, file, join(folder, 'beside'));
	t.deepEqual(couldLogIn, [false]);
	t.false((await there.identities.find(identity.id))?.disabled);
});
