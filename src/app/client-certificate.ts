import type { Context } from 'koa';
import { forwardedCertificate } from '../certificates/client-cert-header.ts';
import { adviceFor, type CertificateJudgement, type ClientTrust, peerCertificate } from '../certificates/verdict.ts';
import { clientOf, requestIdsOf } from '../http/request/context.ts';
import type { Log } from '../observability/log.ts';

/**
 * The certificate of a client: the one that a trusted proxy saw and forwards, or that of the connection. The connection of a
 * trusted proxy shows the proxy's own, which says nothing of its clients.
 */
export function createCertificateOf(trust: ClientTrust | undefined, log: Log): (ctx: Context) => CertificateJudgement {
	return (ctx) => {
		const judged = clientOf(ctx).viaTrustedProxy
			? forwardedCertificate(ctx.req.headers['client-cert']?.toString(), trust)
			: peerCertificate(ctx.req.socket, trust);
		if (judged.kind === 'refused') {
			const advice = adviceFor(judged.flaw);
			log.info({ flaw: judged.flaw, advice, ...requestIdsOf(ctx) }, 'client certificate refused');
		}
		return judged;
	};
}
