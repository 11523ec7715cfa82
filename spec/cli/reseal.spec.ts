import { randomBytes } from 'node:crypto';
import test from 'ava';
import { setUpApp } from '../_support/authenticator-app.ts';
import { createClient } from '../_support/client.ts';
import { openWorkplace } from '../_support/command-line.ts';
import { type Settings, startService } from '../_support/service.ts';

/* The key that secrets of apps are sealed by, replaced. */

const password = 'four brown bears and a fox';

test('a new key in front of the old one, reseal, and the old one can go', async (t) => {
	const place = await openWorkplace();
	t.teardown(place.remove);
	const database = `sqlite:${place.folder}/latchkey.db`;
	const store = { identities: database, sessions: 'memory:' };
	const [old, fresh, foreign] = [1, 2, 3].map(() => randomBytes(32).toString('base64'));
	const settings = (sealingKey: string): Settings => ({ store, secondFactor: { sealingKey } });
	const reseal = async (sealingKey: string) => {
		await place.configure(settings(sealingKey));
		return place.run(['store', 'reseal']);
	};

	const before = await startService(settings(`${old}`));
	await before.add('ada', password);
	const ada = createClient(before);
	await ada.login('ada', password);
	const app = await setUpApp(ada);
	await before.close();

	t.regex((await reseal(`${foreign}`)).stderr, /^0 of 1 secrets sealed.*\nlatchkey: 1 cannot be opened/);
	const { status, stderr } = await reseal(`${fresh} ${old}`);
	t.is(status, 0);
	t.regex(stderr, /^1 of 1 secrets sealed by the present key; 0 were already\n$/);
	t.regex((await reseal(`${fresh}`)).stderr, /^0 of 1 secrets sealed by the present key; 1 were already\n$/);

	const after = await startService(settings(`${fresh}`));
	t.teardown(() => after.close());
	const again = createClient(after);
	await again.login('ada', password);
	t.is((await again.post('/services/session/v1/login/totp', { code: app.code() })).status, 200);
});

test('without a key there is nothing to reseal; where a second factor is required, the check says so', async (t) => {
	const place = await openWorkplace({ store: { identities: 'sqlite:latchkey.db' } });
	t.teardown(place.remove);
	t.regex((await place.run(['store', 'reseal'])).stderr, /^latchkey: there is no sealing key/);
	const store = { identities: 'postgres://nobody@127.0.0.1:1/none' };
	const warning = /secondFactor\.sealingKey: is absent/;
	await place.configure({ store, secondFactor: { required: 'admins' } });
	t.regex((await place.run(['config', 'check'])).stderr, warning);
	await place.configure({ store });
	t.notRegex((await place.run(['config', 'check'])).stderr, warning);
});
