import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { quantile, type Row, ratios } from './figures.ts';
import { checkPath, install, loginPath, password, signIn } from './latchkey.ts';
import { load } from './load.ts';
import { runNode, settle } from './programs.ts';

const prober = join(import.meta.dirname, 'prober.ts');
/** Logins under way at any time, of somebody else. */
const logins = 32;
const stranger = 'grace';
/** Until as many wait as will. */
const beginningMs = 500;

/**
 * On both cores: whose they are is the question. Who logs in, who asks and who answers are processes of their own, so that
 * none waits for another within one; and nobody is at the cap, where a login ends what must be on the disk first.
 */
export const storm: Row = {
	name: 'storm',
	says: 'A session check while 32 logins are always under way',
	async measure({ rounds, warmUps, seconds, pauseMs }) {
		const installed = await install({ session: { mostPerIdentity: 10_000 }, attempts: { limit: 1_000_000 } });
		await installed.add(stranger);
		const server = await installed.start({ core: 'any' });
		const refused: number[] = [];
		const perSecond: number[] = [];
		const rest: number[] = [];
		const during: number[] = [];
		try {
			const { url } = server;
			const orders = JSON.stringify({ url, path: checkPath, ...(await signIn(url)) });
			const p99 = async () =>
				quantile(JSON.parse(await runNode([prober, String(seconds)], {}, orders)) as number[], 0.99);
			const storming = () =>
				load({
					url: url + loginPath,
					// As long as the prober needs, its start and its warming included.
					seconds: seconds + 3,
					pauseMs,
					connections: logins,
					core: 'any',
					mayFail: true,
					method: 'POST',
					body: JSON.stringify({ username: stranger, password }),
					carrying: [{ 'Content-Type': 'application/json' }],
				});
			for (let round = -warmUps; round < rounds; round += 1) {
				const calm = await p99();
				const stormed = storming();
				await sleep(beginningMs);
				const stormy = await p99();
				const { requests, failed, seconds: took } = await stormed;
				await settle();
				if (round < 0) continue;
				rest.push(calm);
				during.push(stormy);
				refused.push(failed);
				perSecond.push((requests - failed) / took);
			}
		} finally {
			await server.stop();
			await installed.remove();
		}
		return {
			figures: [
				{ what: '99th percentile ÷ at rest', values: ratios(during, rest), goal: { atMost: 2.2 } },
				{ what: '99th percentile at rest', unit: 'ms', values: rest },
				{ what: '99th percentile during logins', unit: 'ms', values: during },
				{ what: 'logins meanwhile', unit: '/s', values: perSecond },
				{ what: 'logins that were not served', values: refused, goal: { atMost: 0 } },
			],
		};
	},
};
