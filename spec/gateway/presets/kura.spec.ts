import test from 'ava';
import { createClient } from '../../_support/client.ts';
import { startKura } from '../../_support/kura.ts';
import { startService } from '../../_support/service.ts';

/* Behind the preset something that judges as Kura does: Basic, a session that it opens for it, and a challenge without it. */

test('a Kura that wants a login of its own serves those who signed in to Latchkey, and hands nobody its session', async (t) => {
	const kura = await startKura();
	t.teardown(kura.close);
	const service = await startService({
		session: { cookieName: 'latchkey' },
		upstreamCredentials: { kura: { basic: { username: 'latchkey', password: 'the login of Kura' } } },
		resources: [{ preset: 'kura', upstream: kura.url, upstreamCredentials: 'kura' }],
	});
	t.teardown(service.close);
	const port = Number(new URL(service.url).port);
	await service.add('ada', 'a long enough secret', { permissions: ['rest.assets'] });
	const ada = createClient({ port });
	await ada.login('ada', 'a long enough secret');
	const stranger = createClient({ port });

	const assets = await ada.send('/services/assets/read', {
		method: 'POST',
		json: {},
		headers: { Authorization: 'Basic ZXZpbDpldmls' },
	});
	t.deepEqual([assets.status, assets.body], [200, { url: '/services/assets/read', known: true }]);
	t.is(assets.headers['set-cookie'], undefined);
	t.is((await ada.withoutToken('/services/assets/read')).status, 401, 'as in Kura, every request has the token');
	t.is((await ada.send('/services/configuration/v2/snapshots')).status, 403);
	t.is((await ada.send('/services/serviceListing/v1/list')).status, 200);
	t.is((await ada.send('/services/other/v1')).status, 404);
	t.is((await stranger.send('/services/serviceListing/v1/list')).status, 401);

	const rules = await stranger.send('/services/identity/v2/definedPermissions', {
		headers: { Cookie: 'JSESSIONID=stolen' },
	});
	t.deepEqual([rules.status, rules.body], [200, { url: '/services/identity/v2/definedPermissions', known: false }]);
	t.is(kura.headers.at(-1)?.cookie, undefined);
});
