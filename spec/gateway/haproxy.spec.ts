import { once } from 'node:events';
import { connect, type IncomingHttpHeaders, type IncomingHttpStatusHeader } from 'node:http2';
import test from 'ava';
import { haproxy, startHaproxy } from '../_support/proxies.ts';
import { bindsSessions } from './proxy/bound.contract.ts';
import { password } from './proxy/proxy.behind.ts';
import { asksAboutAll } from './proxy/proxy.contract.ts';
import { keepsSecrets } from './proxy/secrets.contract.ts';

if (haproxy === undefined) {
	test.skip('an application behind HAProxy: it is not installed', () => undefined);
} else {
	const front = asksAboutAll(test, 'HAProxy', startHaproxy);
	keepsSecrets(test, 'HAProxy', startHaproxy);
	bindsSessions(test, 'HAProxy', startHaproxy);

	test.serial('behind HAProxy, a WebSocket passes over HTTP/2, too, and none does that the rules close', async (t) => {
		const { proxy, reached, visitor } = front();
		const foo = visitor();
		await foo.login('foo', password);
		const origin = `https://localhost:${proxy.port}`;
		const session = connect(origin, {
			ca: proxy.ca,
			lookup: (_, __, done) => done(null, [{ address: '127.0.0.1', family: 4 }]),
		});
		t.teardown(() => session.destroy());
		await once(session, 'remoteSettings');
		const open = async (path: string) => {
			const stream = session.request({
				...{ ':method': 'CONNECT', ':protocol': 'websocket', ':scheme': 'https', ':path': path },
				...{ ':authority': `localhost:${proxy.port}`, 'sec-websocket-version': '13', origin, cookie: foo.cookies() },
			});
			t.teardown(() => stream.destroy());
			const [{ ':status': status }] = (await once(stream, 'response')) as [
				IncomingHttpHeaders & IncomingHttpStatusHeader,
			];
			return status;
		};
		t.is(await open('/assets/h2'), 200);
		t.is(await open('/live/h2'), 200);
		t.is(await open('/duplex/h2'), 403);
		t.deepEqual(reached.slice(-2), ['/assets/h2', '/live/h2']);
	});
}
