import { hash } from 'node:crypto';
import { request, type Visitor } from './ask.ts';
import { type Row, ratios } from './figures.ts';
import { checkPath, install, signIn } from './latchkey.ts';
import { cpuUsOf } from './side-by-side.ts';

const [login, app] = ['login.example.org', 'apps.example.org'];
const base = '/services/session/v1';
const at = (host: string) => ({ 'X-Forwarded-Host': host, 'X-Forwarded-Proto': 'https' });

/** The session of the portal, as another host has it. */
async function handOver(url: string, { headers }: Visitor): Promise<Visitor> {
	const navigation = { 'Sec-Fetch-Mode': 'navigate', 'Sec-Fetch-Dest': 'document', ...at(app) };
	const led = await request(url, '/', { headers: navigation });
	const [cookie = ''] = led.cookies;
	const enter = hash('sha256', cookie.split('=')[1] ?? '', 'base64url');
	const json = { url: `https://${app}/`, enter };
	const onward = await request(url, `${base}/continue`, { method: 'POST', headers, json });
	const { pathname, search } = new URL(JSON.parse(onward.body).url);
	const entered = await request(url, pathname + search, { headers: { ...navigation, Cookie: cookie } });
	const own = { Cookie: entered.cookies.join('; '), ...at(app) };
	const token = await request(url, `${base}/xsrfToken`, { headers: own });
	if (entered.status !== 303 || token.status !== 200) throw new Error(`not handed over: ${entered.body}`);
	return { headers: { ...own, 'X-XSRF-Token': JSON.parse(token.body).xsrfToken } };
}

/** What it costs that a session was handed over. */
export const handover: Row = {
	name: 'handover',
	says: 'A check of a session that was handed over to another host ÷ the same of the session itself',
	async measure(extent) {
		const installed = await install({
			trustedProxies: ['127.0.0.1/32'],
			portal: { url: `https://${login}` },
			resources: [{ hosts: [app], access: 'authenticated', xsrf: 'unsafe', upstream: 'http://127.0.0.1:9' }],
		});
		const server = await installed.start();
		try {
			const plain = await signIn(server.url, undefined, at(login));
			const about = { url: server.url + checkPath, pid: server.pid };
			const [ofPlain = [], ofChild = []] = await cpuUsOf(
				[
					{ ...about, headers: plain.headers },
					{ ...about, headers: (await handOver(server.url, plain)).headers },
				],
				extent,
			);
			return {
				figures: [
					{ what: 'CPU ÷ that of the session itself', values: ratios(ofChild, ofPlain), goal: { atMost: 1.05 } },
					{ what: 'CPU, handed over', unit: 'µs', values: ofChild },
					{ what: 'CPU, the session itself', unit: 'µs', values: ofPlain },
				],
			};
		} finally {
			await server.stop();
			await installed.remove();
		}
	},
};
