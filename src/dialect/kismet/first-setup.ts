import type { Context } from 'koa';
import type { Clock } from '../../core/clock.ts';
import { isLoopback, isLoopbackHost } from '../../http/request/address.ts';
import { clientOf } from '../../http/request/context.ts';
import type { FirstSetup } from './routes.ts';

/** Milliseconds after the start in which somebody at this machine may set the first login without the token. */
const withoutTokenMs = 10 * 60_000;

/**
 * Kismet's clients cannot send a token. One that is connected from this machine, by a name of this machine and with no
 * forwarding header, needs none for a while. That proves little: a proxy or forwarder on this machine that adds no header
 * looks the same, which is why it holds for this protocol alone, for ten minutes, and where nobody is set up.
 */
export function createFirstSetup(clock: Clock): FirstSetup {
	const startedAt = clock.now();
	return {
		needsToken: (ctx) => clock.now() - startedAt >= withoutTokenMs || !isDirectFromLoopback(ctx),
	};
}

const forwardingHeaders = ['forwarded', 'x-forwarded-for', 'x-forwarded-host', 'x-forwarded-proto', 'x-real-ip', 'via'];

function isDirectFromLoopback(ctx: Context): boolean {
	const { address, host, viaTrustedProxy } = clientOf(ctx);
	// A page of another name that points here (DNS rebinding) shows by its Host header.
	if (viaTrustedProxy || !isLoopback(address) || !isLoopbackHost(host)) return false;
	return forwardingHeaders.every((name) => ctx.req.headers[name] === undefined);
}
