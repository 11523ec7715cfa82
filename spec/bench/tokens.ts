import { request } from './ask.ts';
import { type Row, ratios } from './figures.ts';
import { checkPath, install, permission, signIn } from './latchkey.ts';
import { cpuUsOf } from './side-by-side.ts';

/** A check of an API token, and of an access token, beside that of a session, on one service and in turn. */
export const tokens: Row = {
	name: 'tokens',
	says: 'A check of an API token ÷ that of a session',
	async measure(extent) {
		const installed = await install({ dialects: { kuraTokens: { enabled: true, accessTokenLifetime: 3600 } } });
		const server = await installed.start();
		try {
			const session = await signIn(server.url);
			const made = await request(server.url, '/services/session/v1/tokens', {
				method: 'POST',
				headers: session.headers,
				json: { name: 'bench', permissions: [permission] },
			});
			const token = { Authorization: `Bearer ${JSON.parse(made.body).token}` };
			const issued = await request(server.url, '/services/token/jwt/v1/issue', {
				method: 'POST',
				headers: session.headers,
			});
			const access = { Authorization: `Bearer ${JSON.parse(issued.body).accessToken}` };
			const about = { url: server.url + checkPath, pid: server.pid };
			const [bySession = [], byToken = [], byAccess = []] = await cpuUsOf(
				[
					{ ...about, headers: session.headers },
					{ ...about, headers: token },
					{ ...about, headers: access },
				],
				extent,
			);
			return {
				figures: [
					{ what: 'token ÷ session: CPU', values: ratios(byToken, bySession), goal: { atMost: 1 } },
					{ what: 'access token ÷ session: CPU', values: ratios(byAccess, bySession) },
					{ what: 'by token: CPU', unit: 'µs', values: byToken },
					{ what: 'by access token: CPU', unit: 'µs', values: byAccess },
					{ what: 'by session: CPU', unit: 'µs', values: bySession },
				],
			};
		} finally {
			await server.stop();
			await installed.remove();
		}
	},
};
