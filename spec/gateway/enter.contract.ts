import type { ExecutionContext, TestFn } from 'ava';
import type { IdentityName } from '../../src/core/identity.ts';
import { StoreUnavailable } from '../../src/core/stores.ts';
import { type Answer, type Call, createClient } from '../_support/client.ts';
import { createHandClock, type HandClock } from '../_support/hand-clock.ts';
import { type Settings, startService, type TestService } from '../_support/service.ts';
import { startUpstream, type Upstream } from '../_support/upstream.ts';

/*
 * One sign-in, many hosts: two nodes behind a proxy that is trusted, a portal, and applications on domains of their own.
 */

const password = 'a long enough secret';
const login = 'login.example.org';
const grafana = 'grafana.example.org';
const wiki = 'wiki.example.net';
const base = '/services/session/v1';
const enterPath = '/services/auth/v1/enter';
const deep = `https://${grafana}/d/7?x=1`;
const navigation = { 'Sec-Fetch-Mode': 'navigate', 'Sec-Fetch-Dest': 'document', 'Sec-Fetch-Site': 'none' };
const script = { 'Sec-Fetch-Mode': 'cors', 'Sec-Fetch-Dest': 'empty', 'Sec-Fetch-Site': 'same-origin' };
const refused = { message: 'The ticket is used, too old, or of another host or browser', code: 'ticket-refused' };

/** A browser: a jar for each host, and what a trusted proxy adds. */
function createTabs(node: TestService) {
	const jars = new Map<string, Map<string, string>>();
	const jarOf = (host: string) => {
		const jar = jars.get(host) ?? new Map<string, string>();
		jars.set(host, jar);
		return jar;
	};
	const cookieOf = (host: string) => [...jarOf(host)].map(([name, value]) => `${name}=${value}`).join('; ');

	async function ask(url: string, { headers = {}, ...sent }: Call = {}, by = node): Promise<Answer> {
		const { hostname, host, pathname, search, protocol } = new URL(url);
		const cookie = cookieOf(hostname);
		const answer = await createClient({ port: Number(new URL(by.url).port) }).send(pathname + search, {
			...sent,
			headers: {
				'X-Forwarded-Host': host,
				'X-Forwarded-Proto': protocol.slice(0, -1),
				...(cookie !== '' && { Cookie: cookie }),
				...headers,
			},
		});
		for (const line of answer.headers['set-cookie'] ?? []) {
			const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
			if (value === '') jarOf(hostname).delete(name);
			else jarOf(hostname).set(name, value);
		}
		return answer;
	}

	const xsrfTokenAt = async (host: string) =>
		((await ask(`https://${host}${base}/xsrfToken`)).body as { xsrfToken?: string }).xsrfToken ?? '';

	async function post(host: string, path: string, body?: object, by = node) {
		const headers = { 'X-XSRF-Token': await xsrfTokenAt(host) };
		return ask(`https://${host}${base}/${path}`, { method: 'POST', headers, ...(body && { json: body }) }, by);
	}

	return {
		jarOf,
		cookieOf,
		ask,
		post,
		xsrfTokenAt,
		open: (url: string, by = node) => ask(url, { headers: navigation }, by),
		signIn: (name = 'ada') =>
			ask(`https://${login}${base}/login/password`, {
				method: 'POST',
				json: { username: name, password },
			}),
		/** Opens an address, is led to the portal, where somebody is signed in, and gets the way back. */
		async wayTo(url = deep, by = node): Promise<string> {
			const led = await ask(url, { headers: navigation }, by);
			const { searchParams } = new URL(String(led.headers.location));
			const onward = await post(
				login,
				'continue',
				{ url: searchParams.get('return'), enter: searchParams.get('enter') },
				by,
			);
			if (onward.status !== 200) throw new Error(onward.text);
			return (onward.body as { url: string }).url;
		},
	};
}

type Tabs = ReturnType<typeof createTabs>;

async function signedIn(node: TestService, name = 'ada'): Promise<Tabs> {
	const tabs = createTabs(node);
	const { status } = await tabs.signIn(name);
	if (status !== 200) throw new Error(`signing in: ${status}`);
	return tabs;
}

/** Signed in at the portal, and handed over to these hosts. */
async function handedOver(t: ExecutionContext, node: TestService, hosts = [grafana], name = 'ada'): Promise<Tabs> {
	const tabs = await signedIn(node, name);
	for (const host of hosts) {
		t.is((await tabs.open(await tabs.wayTo(`https://${host}/`))).status, 303);
		t.is((await tabs.open(`https://${host}/`)).status, 200);
	}
	return tabs;
}

/** The promises of a hand-over, over stores of one kind. `newStore`: `store` of a configuration. */
export function handsOver(test: TestFn, name: string, newStore: (t: ExecutionContext) => Promise<Settings>): void {
	let upstream: Upstream;
	let nodes: readonly [TestService, TestService];
	let clock: HandClock;

	test.before(async (t) => {
		clock = createHandClock(Date.now());
		upstream = await startUpstream((_, res) => {
			res.setHeader('Set-Cookie', ['__Host-latchkey-enter-AAAAAAAA=planted; Path=/; Secure', 'theirs=1']);
			res.end('inside');
		});
		const at = (hosts: string[], more: object = {}) => ({
			...{ hosts, permission: 'p', xsrf: 'unsafe', upstream: upstream.url },
			...more,
		});
		const settings = {
			store: await newStore(t),
			trustedProxies: ['127.0.0.1'],
			portal: { url: `https://${login}` },
			log: { level: 'trace' },
			resources: [
				at([login], { path: '/app' }),
				at([grafana, `${grafana}:8443`]),
				at([wiki, '*.lab.example.org'], { xsrf: 'origin' }),
			],
		};
		nodes = [await startService(settings, clock), await startService(settings, clock)];
		for (const person of ['ada', 'eve', 'mal']) await nodes[0].add(person, password, { permissions: ['p'] });
	});
	test.after.always(async () => {
		for (const node of nodes ?? []) await node.close();
		upstream?.close();
	});

	const says = (sentence: string, check: (t: ExecutionContext) => Promise<void>) =>
		test.serial(`${name}: ${sentence}`, check);
	const lastAudit = (node = nodes[0]) => node.audit().findLast(({ act }) => act === 'handover');
	const ticketOf = (way: string) => new URL(way).searchParams.get('ticket') ?? '';

	says('led, signed in once, and there; with a cookie of that host alone', async (t) => {
		const tabs = createTabs(nodes[0]);
		const led = await tabs.open(deep);
		t.is(led.status, 302);
		const portal = new URL(String(led.headers.location));
		t.is(portal.origin + portal.pathname, `https://${login}/`);
		t.is(portal.searchParams.get('return'), deep);
		t.regex(portal.searchParams.get('enter') ?? '', /^[A-Za-z0-9_-]{43}$/);
		const [line = ''] = led.headers['set-cookie'] ?? [];
		const attributes = 'Max-Age=600; Path=/; Secure; HttpOnly; SameSite=Lax';
		t.regex(line, new RegExp(`^__Host-latchkey-enter-[A-Za-z0-9_-]{8}=[A-Za-z0-9_-]{22}; ${attributes}$`));
		t.is((await tabs.signIn()).status, 200);
		const enter = portal.searchParams.get('enter');
		const onward = await tabs.post(login, 'continue', { url: deep, enter });
		const { url } = onward.body as { url: string };
		t.regex(url, /^https:\/\/grafana\.example\.org\/services\/auth\/v1\/enter\?ticket=[A-Za-z0-9_-]{43}$/);
		const entered = await tabs.open(url);
		t.is(entered.status, 303);
		t.is(entered.headers.location, deep);
		t.is(entered.headers['cache-control'], 'no-store');
		t.is(entered.headers['referrer-policy'], 'no-referrer');
		const [cookie = ''] = entered.headers['set-cookie'] ?? [];
		t.regex(cookie, /^JSESSIONID=h\.[A-Za-z0-9_-]{43}; path=\/; samesite=lax; secure; httponly$/i);
		t.is((await tabs.open(deep)).text, 'inside');
		t.like(lastAudit(), { outcome: 'ok', identity: 'ada', host: grafana });
		// The next host is a matter of redirects.
		t.is((await tabs.open(await tabs.wayTo(`https://${wiki}/`))).status, 303);
		t.is((await tabs.open(`https://${wiki}/`)).text, 'inside');
		t.not(tabs.jarOf(wiki).get('JSESSIONID'), tabs.jarOf(grafana).get('JSESSIONID'));
	});

	says('no ticket, no nonce and no token is in any log, and none reaches the application', async (t) => {
		const tabs = await signedIn(nodes[0]);
		const way = await tabs.wayTo();
		await tabs.open(way);
		await tabs.open(deep);
		const secrets = [ticketOf(way), ...tabs.jarOf(grafana).values(), ...tabs.jarOf(login).values()].filter(
			(one) => one !== '1',
		);
		t.true(secrets.length >= 4);
		const told = JSON.stringify([nodes[0].lines, upstream.headers, upstream.reached]);
		for (const secret of secrets) t.false(told.includes(secret) || told.includes(secret.replace(/^h\./, '')));
		const back = await tabs.open(deep);
		t.deepEqual(back.headers['set-cookie'], ['theirs=1'], 'nor does one of its own come back');
	});

	const misuses: [string, (tabs: Tabs, way: string) => Promise<Answer>, string][] = [
		[
			'twice',
			async (tabs, way) => {
				await tabs.open(way);
				return tabs.open(way);
			},
			'ticket-unknown',
		],
		[
			'twice, the second time at another node',
			async (tabs, way) => {
				await tabs.open(way);
				return tabs.open(way, nodes[1]);
			},
			'ticket-unknown',
		],
		[
			'late',
			async (tabs, way) => {
				clock.wind(30_001);
				return tabs.open(way);
			},
			'ticket-expired',
		],
		['at another host', (tabs, way) => tabs.open(way.replace(grafana, wiki)), 'ticket-host'],
		[
			'at another host of this browser that was led, too',
			async (tabs, way) => {
				await tabs.open(`https://${wiki}/`);
				return tabs.open(way.replace(grafana, wiki));
			},
			'ticket-host',
		],
		['at the portal', (tabs, way) => tabs.open(way.replace(grafana, login)), 'ticket-host'],
		[
			'at a host that a proxy names twice',
			(tabs, way) => tabs.ask(way, { headers: { ...navigation, 'X-Forwarded-Host': `${grafana}, ${wiki}` } }),
			'ticket-host',
		],
		['in another browser', (_, way) => createTabs(nodes[0]).open(way), 'ticket-browser'],
		[
			'in another browser that was led here, too',
			async (_, way) => {
				const other = createTabs(nodes[0]);
				await other.open(deep);
				return other.open(way);
			},
			'ticket-browser',
		],
		['over plain http', (tabs, way) => tabs.open(way.replace('https:', 'http:')), 'ticket-browser'],
		[
			'after a logout',
			async (tabs, way) => {
				await tabs.post(login, 'logout');
				return tabs.open(way);
			},
			'ticket-unknown',
		],
	];
	for (const [how, use, reason] of misuses) {
		says(`a ticket ${how}: 400, a line of the audit, and used up`, async (t) => {
			const tabs = await signedIn(nodes[0]);
			const before = nodes.map((node) => node.audit().length);
			const way = await tabs.wayTo();
			const answer = await use(tabs, way);
			t.is(answer.status, 400);
			t.regex(answer.text, /Not signed in here/, 'a person sees a page');
			t.false((answer.headers['set-cookie'] ?? []).some((cookie) => cookie.startsWith('JSESSIONID')));
			const lines = nodes.flatMap((node, at) => node.audit().slice(before[at]));
			t.like(
				lines.find(({ act, outcome }) => act === 'handover' && outcome === 'refused'),
				{ outcome: 'refused', reason },
			);
			const again = await tabs.ask(way);
			t.is(again.status, 400);
			t.deepEqual(again.body, refused);
		});
	}

	says('what is no ticket is refused alike, and other methods leave a ticket as it is', async (t) => {
		const tabs = await signedIn(nodes[0]);
		const way = await tabs.wayTo();
		const place = `https://${grafana}${enterPath}`;
		for (const query of ['', '?ticket=', '?ticket=x', `?ticket=${'A'.repeat(43)}`, '?ticket=a&ticket=b', '?other=1']) {
			const answer = await tabs.ask(place + query);
			t.deepEqual([answer.status, answer.body], [400, refused], query);
			t.like(lastAudit(), { outcome: 'refused', reason: 'ticket-unknown' });
			t.is(lastAudit()?.host, undefined);
		}
		for (const method of ['HEAD', 'POST', 'PUT', 'DELETE']) {
			const answer = await tabs.ask(way, { method });
			t.is(answer.status, 405, method);
			t.regex(String(answer.headers.allow), /\bGET\b/, method);
		}
		const more = `${way}&url=https://evil.example/&return=https://evil.example/`;
		const entered = await tabs.open(more);
		t.deepEqual([entered.status, entered.headers.location], [303, deep], 'whatever else is asked');
	});

	says('of fifty at once one comes in, at one node and at two', async (t) => {
		for (const across of [nodes.slice(0, 1), nodes]) {
			const tabs = await signedIn(nodes[0]);
			const way = await tabs.wayTo();
			const cookie = tabs.cookieOf(grafana);
			const all = await Promise.all(
				Array.from({ length: 50 }, (_, at) =>
					tabs.ask(way, { headers: { ...navigation, Cookie: cookie } }, across[at % across.length]),
				),
			);
			t.is(all.filter(({ status }) => status === 303).length, 1);
			t.is(all.filter(({ status }) => status === 400).length, 49);
		}
	});

	says('a ticket of one node opens another', async (t) => {
		const tabs = await signedIn(nodes[0]);
		const way = await tabs.wayTo(deep, nodes[1]);
		t.is((await tabs.open(way)).status, 303);
		t.is((await tabs.open(deep, nodes[1])).text, 'inside');
	});

	says('a stolen cookie of one host opens nothing at another, nor here more than the application', async (t) => {
		const tabs = await handedOver(t, nodes[0]);
		const stolen = { Cookie: tabs.cookieOf(grafana) };
		const thief = createTabs(nodes[0]);
		for (const host of [wiki, login, 'x.lab.example.org']) {
			t.is(
				(await thief.ask(`https://${host}/`, { headers: { ...stolen, ...script } })).status,
				host === login ? 200 : 401,
			);
			t.is((await thief.ask(`https://${host}/app`, { headers: stolen })).status, 401, host);
			for (const path of ['currentSession', 'currentIdentity', 'xsrfToken'])
				t.is((await thief.ask(`https://${host}${base}/${path}`, { headers: stolen })).status, 401, `${host} ${path}`);
		}
		t.is((await thief.ask(`http://${grafana}/`, { headers: stolen })).status, 401, 'another channel');
		t.is((await thief.ask(deep, { headers: stolen })).status, 200, 'at its own host it is what it is');
		const token = await tabs.xsrfTokenAt(grafana);
		const withToken = { ...stolen, 'X-XSRF-Token': token };
		const { body: session } = await thief.ask(`https://${grafana}${base}/currentSession`, { headers: withToken });
		t.like(session, { identity: 'ada', host: grafana });
		const posts: [string, object][] = [
			['continue', { url: `https://${wiki}/`, enter: 'A'.repeat(43) }],
			['continue', { url: deep }],
			['changePassword', { currentPassword: password, newPassword: 'quite another secret 7' }],
		];
		for (const [path, body] of posts) {
			const sent = { method: 'POST', headers: withToken, json: body };
			const answer = await thief.ask(`https://${grafana}${base}/${path}`, sent);
			t.deepEqual([answer.status, (answer.body as { code: string }).code], [403, 'portal-only'], path);
		}
		for (const path of ['sessions', 'identities'])
			t.is(
				(await thief.ask(`https://${grafana}${base}/${path}`, { headers: withToken })).status,
				200,
				'the application’s',
			);
	});

	says('each host has an XSRF token of its own', async (t) => {
		const tabs = await handedOver(t, nodes[0], [grafana, wiki]);
		const tokens = await Promise.all([login, grafana, wiki].map(tabs.xsrfTokenAt));
		t.is(new Set(tokens).size, 3);
		const write = (token: string) =>
			tabs.ask(`https://${grafana}/save`, { method: 'POST', headers: { 'X-XSRF-Token': token }, body: '{}' });
		t.deepEqual(await Promise.all(tokens.map(async (token) => (await write(token)).status)), [401, 200, 401]);
		const form = (origin: string) =>
			tabs.ask(`https://${wiki}/save`, { method: 'POST', headers: { Origin: origin }, body: 'a=b' });
		t.is((await form(`https://${wiki}`)).status, 200, 'xsrf: origin');
		for (const origin of [`https://${grafana}`, `https://${login}`, 'null']) t.is((await form(origin)).status, 403);
	});

	for (const [where, host] of [
		['a child’s host', grafana],
		['the portal', login],
	] as const) {
		says(`signed out at ${where}, every host asks again, at every node`, async (t) => {
			const tabs = await handedOver(t, nodes[0], [grafana, wiki]);
			t.is((await tabs.open(deep, nodes[1])).status, 200);
			const kept = tabs.cookieOf(wiki);
			t.is((await tabs.post(host, 'logout')).status, 204);
			t.false(tabs.jarOf(host).has('JSESSIONID'));
			for (const [node, patience] of [
				[nodes[0], 1],
				[nodes[1], 1000],
			] as const) {
				for (const url of [deep, `https://${wiki}/`, `https://${login}/app`]) {
					let answer = await tabs.open(url, node);
					for (let tries = 1; answer.status === 200 && tries < patience; tries += 1) {
						await new Promise((done) => setTimeout(done, 20));
						answer = await tabs.open(url, node);
					}
					t.is(answer.status, 302, url);
					t.is(new URL(String(answer.headers.location)).host, login);
				}
				t.is((await tabs.ask(`https://${wiki}/`, { headers: { ...script, Cookie: kept } }, node)).status, 401);
			}
			t.is((await tabs.post(login, 'continue', { url: deep })).status, 401);
		});
	}

	says('a disabled identity is out everywhere', async (t) => {
		const tabs = await handedOver(t, nodes[0], [grafana], 'eve');
		const { identities } = nodes[0].service.core;
		const eve = await identities.findByName('eve' as IdentityName);
		if (eve === undefined) throw new Error('eve');
		await identities.setDisabled(eve.id, true, {});
		t.is((await tabs.open(deep)).status, 302);
		await identities.setDisabled(eve.id, false, {});
		t.is((await tabs.open(deep)).status, 302, 'and stays out');
	});

	says('pages of one host that are opened at the same moment all get there', async (t) => {
		const tabs = createTabs(nodes[0]);
		const urls = Array.from({ length: 5 }, (_, at) => `https://${grafana}/tab/${at}`);
		const led = await Promise.all(urls.map((url) => tabs.open(url)));
		await tabs.signIn();
		for (const [at, { headers }] of led.entries()) {
			const enter = new URL(String(headers.location)).searchParams.get('enter');
			const { body } = await tabs.post(login, 'continue', { url: urls[at], enter });
			const entered = await tabs.open((body as { url: string }).url);
			t.deepEqual([entered.status, entered.headers.location], [303, urls[at]]);
		}
		const before = tabs.jarOf(grafana).size;
		tabs.jarOf(grafana).delete('JSESSIONID');
		await tabs.open(deep);
		t.is(tabs.jarOf(grafana).size, before - 1, 'a nonce that is there is used again');
	});

	says('somebody else’s ticket signs nobody in, and what is planted is no nonce', async (t) => {
		const victim = await handedOver(t, nodes[0]);
		const own = victim.jarOf(grafana).get('JSESSIONID');
		const attacker = await signedIn(nodes[0], 'mal');
		t.is((await victim.open(await attacker.wayTo())).status, 400);
		t.is(victim.jarOf(grafana).get('JSESSIONID'), own);
		t.is((await victim.open(deep)).status, 200);
		// A cookie without the prefix, which a neighbour can set, does not count over TLS.
		const way = await attacker.wayTo();
		const [[name = '', nonce = ''] = []] = [...attacker.jarOf(grafana)].filter(([cookie]) => cookie.includes('enter'));
		for (const planted of [
			name.replace('__Host-', ''),
			`${name.slice(0, -8)}AAAAAAAA`,
			`x${name}`,
			name.toLowerCase(),
		]) {
			const answer = await victim.ask(way, { headers: { ...navigation, Cookie: `${planted}=${nonce}` } });
			t.is(answer.status, 400, planted);
		}
	});

	says('a script that is refused gets no cookie; it learns the way, and that leads by the page', async (t) => {
		const tabs = await signedIn(nodes[0]);
		const answer = await tabs.ask(deep, { headers: script });
		t.is(answer.status, 401);
		t.is(answer.headers['set-cookie'], undefined);
		const told = new URL(String(answer.headers['latchkey-login']));
		t.deepEqual([told.searchParams.get('return'), told.searchParams.get('enter')], [deep, null]);
		t.deepEqual((await tabs.post(login, 'continue', { url: deep })).body, { url: deep });
	});

	says('where the portal’s cookie reaches, nothing is handed over', async (t) => {
		const tabs = createTabs(nodes[0]);
		for (const url of [`https://${login}/app`, `https://${login}:8443/app`]) {
			const led = await tabs.open(url);
			if (url.includes('8443')) continue;
			t.is(led.status, 302);
			t.is(led.headers['set-cookie'], undefined);
			t.false(String(led.headers.location).includes('enter='));
		}
		await tabs.signIn();
		const enter = 'A'.repeat(43);
		const { body } = await tabs.post(login, 'continue', { url: `https://${login}/app`, enter });
		t.deepEqual(body, { url: `https://${login}/app` });
		for (const wrong of ['', 'x', `${enter}=`, 7]) {
			t.is((await tabs.post(login, 'continue', { url: deep, enter: wrong })).status, 400, String(wrong));
		}
	});

	says('a port is no other host: cookies know none', async (t) => {
		const tabs = await handedOver(t, nodes[0]);
		t.is((await tabs.open(`https://${grafana}:8443/`)).status, 200);
	});

	says('forward-auth hands over as well', async (t) => {
		const tabs = await signedIn(nodes[0]);
		const verify = `https://${grafana}/services/auth/v1/verify`;
		const about = { 'X-Forwarded-Method': 'GET', 'X-Forwarded-Uri': '/d/7?x=1' };
		const led = await tabs.ask(`${verify}?answer=302`, { headers: { ...navigation, ...about } });
		t.is(led.status, 302);
		t.is(led.headers['set-cookie']?.length, 1);
		const told = await tabs.ask(verify, { headers: { ...navigation, ...about } });
		t.deepEqual([told.status, told.headers['latchkey-login-status']], [401, '302']);
		const { searchParams } = new URL(String(told.headers['latchkey-login']));
		const enter = searchParams.get('enter');
		t.is(told.headers['set-cookie']?.length, 1);
		t.is(new URL(String(led.headers.location)).searchParams.get('enter'), enter, 'the nonce that is there');
		t.is((await tabs.ask(verify, { headers: { ...script, ...about } })).headers['set-cookie'], undefined);
		const { body } = await tabs.post(login, 'continue', { url: searchParams.get('return'), enter });
		t.is((await tabs.open((body as { url: string }).url)).status, 303);
		const passed = await tabs.ask(verify, { headers: { ...navigation, ...about } });
		t.deepEqual([passed.status, passed.headers['remote-user']], [200, 'ada']);
		const elsewhere = { ...navigation, ...about, 'X-Forwarded-Host': wiki };
		t.is((await tabs.ask(verify, { headers: elsewhere })).status, 401);
		// nginx's Ingress controller names the whole address, and its own host.
		const whole = { 'X-Original-URL': deep, 'X-Original-Method': 'GET', Cookie: tabs.cookieOf(grafana) };
		const ingress = (headers: object) =>
			createClient({ port: Number(new URL(nodes[0].url).port) }).send('/services/auth/v1/verify', {
				headers: { ...navigation, ...whole, ...headers },
			});
		t.is((await ingress({})).status, 200);
		t.is((await ingress({ 'X-Original-URL': `https://${wiki}/` })).status, 401);
	});

	says('with the store away it is 503, and no cookie', async (t) => {
		const tabs = await signedIn(nodes[0]);
		const way = await tabs.wayTo();
		const { handover } = nodes[0].service.core.sessions;
		const { enter, issue } = handover;
		t.teardown(() => Object.assign(handover, { enter, issue }));
		const away = () => Promise.reject(new StoreUnavailable('away', { cause: undefined }));
		Object.assign(handover, { enter: away, issue: away });
		const answer = await tabs.open(way);
		t.is(answer.status, 503);
		t.is(answer.headers['set-cookie'], undefined);
		t.is(answer.headers.location, undefined);
		Object.assign(handover, { enter });
		t.is((await tabs.open(way)).status, 303);
	});
}
