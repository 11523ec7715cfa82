import type { Context } from 'koa';
import { StoreUnavailable } from '../../core/stores.ts';
import type { Log } from '../../observability/log.ts';
import { requestIdsOf } from '../request/context.ts';
import { answerBroken } from './refusals.ts';

/**
 * Anything that is not a refusal: logged with its cause, and told to no stranger. A store that is away is 503, so that
 * the client tries again and keeps its cookie; everything else is 500 with the id to look for in the log.
 */
export function answerFault(ctx: Context, fault: unknown, log: Log): void {
	const away = fault instanceof StoreUnavailable;
	const ids = requestIdsOf(ctx);
	log[away ? (fault.isLogged ? 'debug' : 'warn') : 'error'](
		{ ...ids, method: ctx.method, cause: fault },
		away ? 'store unavailable' : 'request failed',
	);
	if (ctx.headerSent || !ctx.writable) {
		ctx.req.socket.destroy();
		return;
	}
	// Also where somebody else was about to answer.
	ctx.respond = true;
	answerBroken(ctx, { kind: away ? 'unavailable' : 'unexpected', requestId: ids.requestId });
}
