import test from 'ava';
import { openCore, openLogs } from '../../src/app/service.ts';
import { readConfig } from '../../src/config/read.ts';
import type { DialectName } from '../../src/core/session.ts';
import { openWorkplace } from '../_support/command-line.ts';

/** As an older version kept it, where a proxy had passed it on. */
const address = '\u009b31m\u001b]0;owned\u0007\u007f';

test('what a client once sent tells no terminal what to do', async (t) => {
	const place = await openWorkplace();
	t.teardown(() => place.remove());
	const store = `sqlite:${place.folder}/latchkey.db`;
	await place.configure({ store: { identities: store, sessions: store } });
	await place.run(['identity', 'add', 'jo']);
	const config = readConfig({ file: place.file, env: {} });
	const core = await openCore(config, openLogs(config, 'quiet'));
	const [jo] = await core.identities.list();
	const visit = { dialect: 'kura' as DialectName, secure: true, address, device: address, requestId: 'r' };
	if (jo) await core.sessions.open(jo, visit, { by: 'password' });
	await core.close();
	for (const args of [
		['session', 'list'],
		['session', 'list', '--json'],
		['session', 'list', '--identity', 'jo'],
	]) {
		const { stdout, stderr } = await place.run(args);
		t.true(stdout.includes('owned'), stderr);
		t.notRegex(stdout, /[\p{Cc}--\n]/v);
	}
	const [listed] = JSON.parse((await place.run(['session', 'list', '--json'])).stdout);
	t.is(listed.address, address);
});
