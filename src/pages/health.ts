import type Router from '@koa/router';
import type { Context } from 'koa';
import { StoreUnavailable } from '../core/stores.ts';
import { reply } from '../http/response/reply.ts';
import type { Log } from '../observability/log.ts';

export interface HealthParts {
	/** Rejects where a store is away. */
	readonly probe: () => Promise<unknown>;
	/** False from the moment that the service is told to stop. */
	readonly isServing: () => boolean;
	readonly log: Log;
}

/** Milliseconds: an answer that comes later is none. */
const patienceMs = 1000;

/** `/health/live`: the process runs. `/health/ready`: send it requests. For load balancers and container engines. */
export function mountHealth(router: Router, { probe, isServing, log }: HealthParts): void {
	router.get('/health/live', (routed) => {
		reply(routed as unknown as Context, { status: 'live' });
	});
	router.get('/health/ready', async (routed) => {
		const ctx = routed as unknown as Context;
		if (isServing() && (await answersInTime())) reply(ctx, { status: 'ready' });
		else reply(ctx, { status: 'not ready', message: 'The service is not ready', code: 'unavailable' }, 503);
	});

	async function answersInTime(): Promise<boolean> {
		let timer: NodeJS.Timeout | undefined;
		const late = new Promise<never>((_, reject) => {
			timer = setTimeout(() => reject(new Error(`no answer within ${patienceMs} ms`)), patienceMs);
		});
		try {
			await Promise.race([probe(), late]);
			return true;
		} catch (cause) {
			const isLogged = cause instanceof StoreUnavailable && cause.isLogged;
			log[isLogged ? 'debug' : 'warn']({ cause }, 'not ready: a store does not answer');
			return false;
		} finally {
			clearTimeout(timer);
		}
	}
}
