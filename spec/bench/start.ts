import { type Row, ratios } from './figures.ts';
import { install } from './latchkey.ts';
import { runNode, serverCore } from './programs.ts';

export const start: Row = {
	name: 'start',
	says: 'Start to ready, empty, ÷ `node -e 0`',
	async measure({ short, rounds, warmUps }) {
		const installed = await install();
		const ours: number[] = [];
		const bare: number[] = [];
		try {
			// Node keeps what it compiled when a process ends by itself.
			await (await installed.start()).end();
			for (let round = -warmUps; round < (short ? 1 : Math.max(2, rounds * 2)); round += 1) {
				const startedAt = performance.now();
				await runNode(['-e', '0'], { core: serverCore });
				const bareMs = performance.now() - startedAt;
				const server = await installed.start();
				await server.stop();
				if (round < 0) continue;
				bare.push(bareMs);
				ours.push(server.startMs);
			}
		} finally {
			await installed.remove();
		}
		return {
			figures: [
				{ what: 'start to ready ÷ node -e 0', values: ratios(ours, bare), goal: { atMost: 7 } },
				{ what: 'start to ready', unit: 'ms', values: ours },
				{ what: 'node -e 0', unit: 'ms', values: bare },
			],
		};
	},
};
