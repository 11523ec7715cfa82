import type { ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { Log } from '../../observability/log.ts';
import { http } from '../node-http.ts';
import { newRequestId } from '../request/request-id.ts';
import { plainAnswers } from '../response/default-answers.ts';
import type { Answer, HttpRefusal } from '../response/refusals.ts';
import { rawSecurityHeaders } from '../response/security-headers.ts';
import { lastAnswer } from './pipelined.ts';

export interface UnreadableParts {
	readonly log: Pick<Log, 'debug'>;
	/** Told the status of every answer. */
	readonly answered?: ((status: number) => void) | undefined;
	/** `Strict-Transport-Security` over TLS. Absent: none. */
	readonly hsts?: string | undefined;
}

/** Until the connection of a request that could not be read is cut. */
const lingerMs = 1000;

const refusals: Readonly<Record<string, HttpRefusal>> = {
	HPE_HEADER_OVERFLOW: { kind: 'headers-too-large' },
	ERR_HTTP_REQUEST_TIMEOUT: { kind: 'request-timeout' },
};

const unreadable: HttpRefusal = { kind: 'malformed', because: 'The request cannot be read' };

/**
 * For a server's `clientError` event. What Node's parser does not let through never becomes a request; it is answered
 * all the same, and the connection ends. Where an answer is under way, nothing is written in its place or into it: it is
 * the last one.
 */
export function refuseUnreadable({ log, answered, hsts }: UnreadableParts) {
	return (fault: Error & { code?: string }, socket: Socket): void => {
		// It goes on sending, and has been answered: what it sends is dropped, since to cut it now would cut the answer, too.
		if (socket.writableEnded) return;
		if (!socket.writable || fault.code === 'ECONNRESET') {
			socket.destroy();
			return;
		}
		const answer = lastAnswer(socket);
		// It left in the middle of a request, and was still waiting for the answer to another: nothing more is heard of it.
		if (answer?.req.complete && fault.code === 'HPE_INVALID_EOF_STATE') {
			socket.destroy();
			return;
		}
		if (answer?.req.complete || answer?.writableEnded) {
			endBehind(answer, socket);
			return;
		}
		// Half an answer to half a request: no word of ours can mend it.
		if (answer?.headersSent) {
			socket.destroy();
			return;
		}
		const requestId = newRequestId();
		const refusal = plainAnswers(refusals[fault.code ?? ''] ?? unreadable);
		log.debug({ requestId, cause: fault }, 'a request could not be read');
		answered?.(refusal.status);
		const strict = hsts !== undefined && 'encrypted' in socket ? `Strict-Transport-Security: ${hsts}\r\n` : '';
		refuseRaw(socket, refusal, `${rawSecurityHeaders}${strict}X-Request-Id: ${requestId}\r\n`);
	};
}

function endBehind(answer: ServerResponse, socket: Socket): void {
	// Node does it, or we were here before.
	if (!answer.shouldKeepAlive) return;
	answer.shouldKeepAlive = false;
	answer.once('finish', () => socket.destroySoon());
}

function refuseRaw(socket: Socket, { status, body: content }: Answer, headers: string): void {
	const body = JSON.stringify(content);
	socket.on('error', () => socket.destroy());
	// Whoever has been answered and does not hang up holds nothing for long.
	setTimeout(() => socket.destroy(), lingerMs).unref();
	socket.end(
		`HTTP/1.1 ${status} ${http.STATUS_CODES[status]}\r\nContent-Type: application/json; charset=utf-8\r\n${headers}` +
			`Content-Length: ${body.length}\r\nConnection: close\r\n\r\n${body}`,
	);
}
