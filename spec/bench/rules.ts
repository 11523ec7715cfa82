import { type Row, ratios } from './figures.ts';
import { install, permission, signIn } from './latchkey.ts';
import { cpuUsOf } from './side-by-side.ts';

const verifyPath = '/services/auth/v1/verify';
const trustedProxies = ['127.0.0.1/32'];

/** Three, or a thousand of fifty hosts; the request is that of the last one. */
function rulesOf(hosts: number, each: number) {
	return Array.from({ length: hosts }, (_, host) =>
		Array.from({ length: each }, (_, path) => ({
			hosts: [`app-${host}.example.org`],
			path: `/part-${path}`,
			permission,
			xsrf: 'unsafe',
		})),
	).flat();
}

const asked = (host: number, path: number) => ({
	'X-Forwarded-Method': 'GET',
	'X-Forwarded-Uri': `/part-${path}/d/7?x=1`,
	'X-Forwarded-Host': `app-${host}.example.org`,
	'X-Forwarded-For': '192.0.2.1',
});

/** Forward-auth: what many rules cost, and what it costs to lead a browser to the sign-in page. */
export const rules: Row = {
	name: 'rules',
	says: 'Forward-auth: a rule among 1,000 of 50 hosts ÷ among 3; a redirect ÷ a 401',
	async measure(extent) {
		const [few, many] = [
			await install({ resources: rulesOf(1, 3), trustedProxies }),
			await install({ resources: rulesOf(50, 20), trustedProxies }),
		];
		const [amongFew, amongMany] = [await few.start(), await many.start()];
		try {
			const page = { Accept: 'text/html', 'Sec-Fetch-Mode': 'navigate', 'Sec-Fetch-Dest': 'document' };
			const [ofThree = [], ofThousand = [], refused = [], led = []] = await cpuUsOf(
				[
					{
						...{ url: amongFew.url + verifyPath, pid: amongFew.pid },
						headers: { ...(await signIn(amongFew.url)).headers, ...asked(0, 2) },
					},
					{
						...{ url: amongMany.url + verifyPath, pid: amongMany.pid },
						headers: { ...(await signIn(amongMany.url)).headers, ...asked(49, 19) },
					},
					{ url: amongFew.url + verifyPath, pid: amongFew.pid, headers: { ...asked(0, 2), ...page }, mayFail: true },
					{
						...{ url: `${amongFew.url}${verifyPath}?answer=302`, pid: amongFew.pid },
						headers: { ...asked(0, 2), ...page },
						mayFail: true,
					},
				],
				extent,
			);
			return {
				figures: [
					{ what: '1,000 rules ÷ 3: CPU', values: ratios(ofThousand, ofThree), goal: { atMost: 1.05 } },
					{ what: 'redirect ÷ 401: CPU', values: ratios(led, refused), goal: { atMost: 1.2 } },
					{ what: 'among 3: CPU', unit: 'µs', values: ofThree },
					{ what: '401: CPU', unit: 'µs', values: refused },
				],
			};
		} finally {
			await Promise.all([amongFew.stop(), amongMany.stop()]);
			await Promise.all([few.remove(), many.remove()]);
		}
	},
};
