import test from 'ava';
import { createClient } from '../../_support/client.ts';
import { startService, type TestService } from '../../_support/service.ts';

const password = 'a long enough secret';
const path = '/services/session/v1/continue';

let service: TestService;
let host: string;

test.before(async () => {
	service = await startService({
		resources: [{ path: '/app', permission: 'p', xsrf: 'unsafe' }],
		portal: { url: 'https://login.example.org' },
	});
	await service.add('ada', password, { permissions: ['p'] });
	await service.add('ivo', password);
	await service.add('eve', password, { mustChange: true });
	({ host } = new URL(service.url));
});
test.after.always(() => service.close());

async function as(name: string) {
	const browser = createClient(service);
	await browser.login(name, password);
	return browser;
}

test('a user who may is told where to go on, in the one spelling of it', async (t) => {
	const ada = await as('ada');
	const onward = async (url: string) => (await ada.post(path, { url })).body;
	t.deepEqual(await onward(`http://${host}/app/../app/d?x=1#part`), { url: `http://${host}/app/d?x=1#part` });
	t.deepEqual(await onward(`http://${host}/elsewhere`), { url: `http://${host}/elsewhere` }, 'where no rule is');
	t.deepEqual(await onward('https://LOGIN.example.org'), { url: 'https://login.example.org/' }, 'the portal’s host');
});

test('an address of nobody is 400', async (t) => {
	const ada = await as('ada');
	for (const url of ['https://evil.example/', '/app', '', `http://ada@${host}/`, `http://${host}.evil.example/`]) {
		const { status, body } = await ada.post(path, { url });
		t.is(status, 400, url);
		t.like(body, { message: 'That address is not one of ours' });
	}
	t.is((await ada.post(path, { url: 1 })).status, 400);
	t.is((await ada.post(path, {})).status, 400);
});

test('who may not is told what is missing', async (t) => {
	const { status, body } = await (await as('ivo')).post(path, { url: `http://${host}/app/d` });
	t.is(status, 403);
	t.like(body, { message: 'The permission p is needed' });
});

test('it needs a session that is open, its XSRF token, and no other site', async (t) => {
	const body = { url: `http://${host}/app` };
	t.is((await createClient(service).post(path, body)).status, 401);
	t.is((await (await as('eve')).post(path, body)).status, 401);
	const ada = await as('ada');
	t.is((await ada.post(path, body, { 'X-XSRF-Token': 'wrong' })).status, 401);
	t.is((await ada.post(path, body, { Origin: 'https://evil.example' })).status, 403);
	t.is((await ada.get(path)).status, 405);
});
