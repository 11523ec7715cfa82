import { join } from 'node:path';
import { type Row, ratios } from './figures.ts';
import { install, loginPath, password, person } from './latchkey.ts';
import { load } from './load.ts';
import { runNode, serverCore } from './programs.ts';

const rawHashes = join(import.meta.dirname, 'raw-hashes.ts');

/** Both on one core: as many hashes at a time as Latchkey then does. */
export const logins: Row = {
	name: 'logins',
	says: 'Logins a second ÷ raw argon2id hashes a second of the library on the same core',
	async measure({ rounds, warmUps, seconds, pauseMs }) {
		const installed = await install({ session: { mostPerIdentity: 10_000 }, attempts: { limit: 1_000_000 } });
		const server = await installed.start();
		const perSecond: number[] = [];
		const raw: number[] = [];
		const refused: number[] = [];
		try {
			for (let round = -warmUps; round < rounds; round += 1) {
				const hashed = Number(await runNode([rawHashes, String(seconds)], { core: serverCore }));
				const {
					requests,
					failed,
					seconds: took,
				} = await load({
					url: server.url + loginPath,
					seconds,
					pauseMs,
					mayFail: true,
					method: 'POST',
					body: JSON.stringify({ username: person, password }),
					carrying: [{ 'Content-Type': 'application/json' }],
				});
				if (round < 0) continue;
				raw.push(hashed);
				perSecond.push((requests - failed) / took);
				refused.push(failed);
			}
		} finally {
			await server.stop();
			await installed.remove();
		}
		return {
			figures: [
				{ what: 'logins ÷ raw hashes', values: ratios(perSecond, raw), goal: { atLeast: 0.95 } },
				{ what: 'logins', unit: '/s', values: perSecond },
				{ what: 'raw hashes', unit: '/s', values: raw },
				{ what: 'logins that were not served', values: refused, goal: { atMost: 0 } },
			],
		};
	},
};
