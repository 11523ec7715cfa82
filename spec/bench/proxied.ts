import { type Row, ratios } from './figures.ts';
import { noNginx, openGateway } from './gateway.ts';
import { load } from './load.ts';
import { cpuMs, settle } from './programs.ts';

const path = '/assets/1';

export const proxied: Row = {
	name: 'proxied',
	says: 'A request through the reverse proxy ÷ the same through nginx with auth_request to Latchkey',
	async measure(extent) {
		const { rounds, warmUps, seconds, pauseMs } = extent;
		await using gateway = await openGateway(extent);
		const { proxying, asked, nginx, visitor, askedVisitor } = gateway;
		if (nginx === undefined) return { figures: [], skipped: noNginx ?? '' };
		const ways = [
			{ url: proxying.url, headers: visitor.headers, cpu: () => cpuMs(proxying.pid) },
			{ url: nginx.url, headers: askedVisitor.headers, cpu: () => cpuMs(asked.pid) + nginx.cpuMs() },
		];
		const cpuUs: number[][] = ways.map(() => []);
		const perSecond: number[][] = ways.map(() => []);
		for (let round = -warmUps; round < rounds; round += 1) {
			for (const [at, { url, headers, cpu }] of ways.entries()) {
				await settle();
				const before = cpu();
				const { requests, seconds: took } = await load({ url: url + path, seconds, pauseMs, carrying: [headers] });
				if (round < 0) continue;
				cpuUs[at]?.push(((cpu() - before) * 1000) / requests);
				perSecond[at]?.push(requests / took);
			}
		}
		const [ownCpu = [], theirCpu = []] = cpuUs;
		const [own = [], theirs = []] = perSecond;
		return {
			figures: [
				{ what: 'CPU ÷ that of nginx and Latchkey', values: ratios(ownCpu, theirCpu) },
				{ what: 'req/s ÷ through nginx', values: ratios(own, theirs) },
				{ what: 'CPU, through the reverse proxy', unit: 'µs', values: ownCpu },
				{ what: 'CPU, nginx and Latchkey together', unit: 'µs', values: theirCpu },
			],
		};
	},
};
