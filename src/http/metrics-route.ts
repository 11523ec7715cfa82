import type Router from '@koa/router';
import type { Context } from 'koa';
import proxyAddr from 'proxy-addr';
import { plainAnswers } from './answers.ts';
import { isTelling } from './client.ts';
import type { Metrics } from './metrics.ts';
import { createGathering } from './metrics-of-workers.ts';
import { answerRefusals, refuse } from './refused.ts';
import { clientOf } from './visit.ts';

export interface MetricsRouteParts {
	/** CIDRs. Config: `metrics.allow`. */
	readonly allow: readonly string[];
	readonly now: Metrics['now'];
}

/** `/metrics`, in Prometheus' words, for those addresses alone; for all others it is not there. */
export function mountMetrics(router: Router, { allow, now }: MetricsRouteParts): void {
	const isAllowed = proxyAddr.compile([...allow]);
	const gather = createGathering(async () => {
		const { processMetrics } = await import('./exposition.ts');
		return [...(await now()), ...(await processMetrics())];
	});

	router.get('/metrics', (routed) => {
		const ctx = routed as unknown as Context;
		return answerRefusals(ctx, plainAnswers, async () => {
			const client = clientOf(ctx);
			if (!isTelling(ctx.req, client) || !isAllowed(client.address, 0)) refuse({ kind: 'not-found' });
			const processes = await gather();
			const { written } = await import('./exposition.ts');
			const { type, text } = await written(processes);
			ctx.type = type;
			ctx.body = text;
		});
	});
}
