import { writeSync } from 'node:fs';
import type { Instant } from '../../src/core/clock.ts';
import type { Permission } from '../../src/core/identity.ts';
import type { AttemptKey } from '../../src/core/stores.ts';
import { newCredentialStamp } from '../../src/core/token.ts';
import { newIdentity } from './identity-store.contract.ts';
import { after, newSession } from './session-store.contract.ts';
import { openStores } from './sqlite-process.ts';

/** A process that works on a file, and tells on stdout what is done: until it is killed (`load`), much (`write much`), or step by step. */
async function behave(path: string, what: string) {
	const { sessions, identities, attempts } = openStores(path);
	// Not by process.stdout, which keeps in memory what the reader is too slow for: a kill would swallow it.
	const tell = (text: string) => writeSync(1, `${text}\n`);
	const identity = newIdentity();
	await identities.insertFirst(identity);
	if (what === 'load') {
		let stamp = identity.credentialStamp;
		for (;;) {
			const batch = Array.from({ length: 4 }, () => newSession());
			for (const session of batch) {
				await sessions.insert(session, 100);
				tell(`opened ${session.key}`);
			}
			await sessions.touch(new Map(batch.map(({ key }) => [key, Date.now() as Instant])));
			for (const { key } of batch.slice(0, 2)) {
				tell(`ending ${key}`);
				await sessions.delete(key);
				tell(`ended ${key}`);
			}
			const credentialStamp = newCredentialStamp();
			await identities.changeCredentials(identity.id, stamp, { passwordChangeNeeded: false, credentialStamp });
			stamp = credentialStamp;
			tell(`changed ${stamp}`);
			await new Promise(setImmediate);
		}
	}
	if (what === 'write much') {
		for (let index = 0; index < 5000; index += 1) await sessions.insert(newSession(), 100);
		await sessions.touch(new Map((await sessions.list(undefined, 5000)).map(({ key }) => [key, after(1)])));
		tell('step sweep');
		const over = { silentSince: after(2), openedBefore: 0 as Instant };
		while ((await sessions.sweep(over, 25)).length > 0);
		tell('step swept');
		// It closes nothing, and ends all the same.
		return;
	}
	const one = newSession();
	const two = newSession({ identityId: one.identityId });
	const three = newSession({ identityId: one.identityId });
	const four = newSession({ identityId: one.identityId });
	const other = newIdentity();
	const key = 'attempt' as AttemptKey;
	const change = { passwordChangeNeeded: false, credentialStamp: newCredentialStamp() };
	tell('step ready');
	const steps: [string, () => Promise<unknown>][] = [
		['insert a session', () => sessions.insert(one, 1)],
		['insert one that leaves no room for another', () => sessions.insert(two, 1)],
		['insert one that is to be alone', () => sessions.insert(three, 'alone')],
		['touch it', () => sessions.touch(new Map([[three.key, after(5000)]]))],
		['find it', () => sessions.find(three.key)],
		['end it', () => sessions.delete(three.key)],
		[
			'end all of an identity',
			async () => {
				await sessions.insert(four, 100);
				await sessions.deleteOf(four.identityId);
			},
		],
		['count an attempt', () => attempts.add(key, 1000)],
		['insert an identity', () => identities.insert(other)],
		['change credentials', () => identities.changeCredentials(other.id, other.credentialStamp, change)],
		['grant', () => identities.grant(other.id, ['rest.write' as Permission])],
		['revoke', () => identities.revoke(other.id, [...identity.permissions])],
		['disable', () => identities.setDisabled(other.id, true)],
		['remove', () => identities.remove(other.id)],
	];
	for (const [step, act] of steps) {
		await act();
		tell(`step ${step}`);
	}
	await sessions.close();
	await identities.close();
}

const [, , path = '', what = ''] = process.argv;
await behave(path, what);
