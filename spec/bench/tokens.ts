import { request } from './ask.ts';
import { type Row, ratios } from './figures.ts';
import { checkPath, install, permission, signIn } from './latchkey.ts';
import { load } from './load.ts';
import { cpuMs } from './programs.ts';

/** A check of an API token beside that of a session, on one service and in turn. */
export const tokens: Row = {
	name: 'tokens',
	says: 'A check of an API token ÷ that of a session',
	async measure({ rounds, seconds }) {
		const installed = await install();
		const server = await installed.start();
		try {
			const session = await signIn(server.url);
			const made = await request(server.url, '/services/session/v1/tokens', {
				method: 'POST',
				headers: session.headers,
				json: { name: 'bench', permissions: [permission] },
			});
			const token = { Authorization: `Bearer ${JSON.parse(made.body).token}` };
			const cpuUs = async (headers: Readonly<Record<string, string>>) => {
				const before = cpuMs(server.pid);
				const { requests } = await load({ url: server.url + checkPath, seconds, carrying: [headers] });
				return ((cpuMs(server.pid) - before) * 1000) / requests;
			};
			await cpuUs(session.headers);
			await cpuUs(token);
			const [bySession, byToken]: [number[], number[]] = [[], []];
			for (let round = 0; round < rounds; round += 1) {
				bySession.push(await cpuUs(session.headers));
				byToken.push(await cpuUs(token));
			}
			return {
				figures: [
					{ what: 'token ÷ session: CPU', values: ratios(byToken, bySession), goal: { atMost: 1 } },
					{ what: 'by token: CPU', unit: 'µs', values: byToken },
					{ what: 'by session: CPU', unit: 'µs', values: bySession },
				],
			};
		} finally {
			await server.stop();
			await installed.remove();
		}
	},
};
