import { symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import test from 'ava';
import { createClient } from '../_support/client.ts';
import { openWorkplace, serve } from '../_support/command-line.ts';

const password = 'four brown bears';
const other = { store: { identities: 'sqlite:other.db', sessions: 'sqlite:other.db' } };

test.serial('a move that is run again revives nothing, and nobody is served from what was moved', async (t) => {
	const place = await openWorkplace();
	t.teardown(() => place.remove());
	const add = (name: string) => place.run(['identity', 'add', name, '--password-stdin'], { stdin: password });
	for (const name of ['ann', 'eve']) t.is((await add(name)).status, 0);
	const data = join(place.folder, 'data', 'latchkey.db');
	const move = (...more: string[]) =>
		place.run(['store', 'move', '--from', 'env:OLD', '--to', 'sqlite:other.db', ...more], {
			env: { OLD: `sqlite:${data}` },
		});
	t.is((await move()).status, 0);
	const stale = await place.run(['identity', 'list']);
	t.is(stale.status, 1);
	t.regex(stale.stderr, /^latchkey: store\.identities: was moved to another store on [^\n]*latchkey store reopen/);

	await place.configure(other);
	t.is((await place.run(['identity', 'remove', 'eve', '--yes'])).status, 0);
	const again = await move();
	t.is(again.status, 1);
	t.regex(again.stderr, /would come back: --again/);
	t.notRegex((await place.run(['identity', 'list'])).stdout, /^eve /m);

	await place.configure({});
	t.is((await place.run(['store', 'reopen'])).status, 0);
	const service = await serve(place.folder);
	t.is((await createClient(service).login('eve', password)).status, 200);
	await service.stop();
});

test.serial('an address that keeps nothing, and one place by two names, move nothing', async (t) => {
	const place = await openWorkplace();
	t.teardown(() => place.remove());
	t.is((await place.run(['identity', 'add', 'ann', '--password-stdin'], { stdin: password })).status, 0);
	symlinkSync('data', join(place.folder, 'link'));
	const from = ['store', 'move', '--from', 'sqlite:data/latchkey.db'];
	for (const [to, why] of [
		[['sqlite:other.db', '--to', 'rdis://u:secret@127.0.0.1:6399'], /^latchkey: nothing is kept at rdis:…: /],
		[['sqlite:other.db', '--to', 'sqlite:another.db'], /^latchkey: nothing is kept at sqlite:…: /],
		[['sqlite:link/latchkey.db'], /^latchkey: that is the same place twice$/m],
	] as const) {
		const { status, stderr } = await place.run([...from, '--to', ...to]);
		t.is(status, 1);
		t.regex(stderr, why);
		t.notRegex(stderr, /secret/);
	}
	t.is((await place.run(['identity', 'list'])).status, 0);
});

for (const args of [[], ['--workers', '2']]) {
	test.serial(`a service that runs while its store is moved says so and ends: serve ${args.join(' ')}`, async (t) => {
		const place = await openWorkplace();
		t.teardown(() => place.remove());
		t.is((await place.run(['identity', 'add', 'ann', '--password-stdin'], { stdin: password })).status, 0);
		const service = await serve(place.folder, { args });
		t.teardown(() => service.stop());
		const ann = createClient(service);
		t.is((await ann.login('ann', password)).status, 200);
		t.is(
			(await place.run(['store', 'move', '--from', 'sqlite:data/latchkey.db', '--to', 'sqlite:other.db'])).status,
			0,
		);
		const why = /store\.identities: was moved to another store on \d{4}-\d\d-\d\d: configure that one/;
		t.is((await service.ended).status, 1);
		t.regex(service.said.stdout, /"level":"error".*was moved to another store/);
		t.is(service.said.stderr.split('\n').filter((line) => why.test(line)).length, 1);
		t.notRegex(service.said.stdout, /a worker died/);
	});
}

test.serial(
	'a move that was interrupted goes on with what the source has now, and nobody is served meanwhile',
	async (t) => {
		const place = await openWorkplace();
		t.teardown(() => place.remove());
		const run = (...args: string[]) => place.run(args, { stdin: password });
		for (const name of ['ann', 'eve']) t.is((await run('identity', 'add', name, '--password-stdin')).status, 0);
		const from = `sqlite:${join(place.folder, 'data', 'latchkey.db')}`;
		t.is((await run('store', 'move', '--from', from, '--to', 'sqlite:other.db')).status, 0);
		// As it stands when a move is killed before its end.
		for (const [file, sql] of [
			['other.db', "DELETE FROM note; INSERT INTO note VALUES ('arriving', '2026-01-01')"],
			['data/latchkey.db', 'DELETE FROM note'],
		] as const) {
			const db = new DatabaseSync(join(place.folder, file));
			db.exec(sql);
			db.close();
		}
		t.is((await run('identity', 'remove', 'eve', '--yes')).status, 0);
		await place.configure(other);
		t.regex((await run('identity', 'list')).stderr, /a move to this store is not over/);
		t.is((await run('store', 'move', '--from', from)).status, 0);
		const { stdout } = await run('identity', 'list');
		t.regex(stdout, /ann/);
		t.notRegex(stdout, /^eve /m);
	},
);
