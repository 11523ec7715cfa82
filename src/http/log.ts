import { type DestinationStream, destination, pino, stdSerializers } from 'pino';
import type { Audit } from '../core/audit.ts';
import { StoreUnavailable } from '../core/stores.ts';

export type Level = 'trace' | 'debug' | 'info' | 'warn' | 'error' | 'fatal' | 'silent';

/** The service's own words: fixed texts and fields that hold no secret. Nobody logs a request's headers or body. */
export interface Log {
	debug(fields: object, message: string): void;
	info(fields: object, message: string): void;
	warn(fields: object, message: string): void;
	error(fields: object, message: string): void;
}

export interface Logs {
	readonly log: Log;
	readonly audit: Audit;
}

export interface LogTo {
	readonly level: Level;
	/** Audit lines go there, and not to `to`. Several processes may write to it. */
	readonly auditFile?: string;
	/** stdout by default. */
	readonly to?: DestinationStream;
}

/**
 * One JSON line per event, written before the call returns: what was acknowledged to a client stands in the log even
 * if the process is killed the next instant. Audit lines carry `"audit": true`, and no level but `silent` hides them.
 */
export function createLogs({ level, auditFile, to = destination({ dest: 1, sync: true }) }: LogTo): Logs {
	const shape = {
		base: null,
		timestamp: () => `,"time":"${new Date().toISOString()}"`,
		formatters: { level: (label: string) => ({ level: label }) },
		serializers: { cause: withoutValues },
	};
	const auditTo = auditFile === undefined ? to : destination({ dest: auditFile, sync: true, mkdir: true, mode: 0o600 });
	const auditLevel = auditFile === undefined && level === 'silent' ? 'silent' : 'info';
	const auditLog = pino({ ...shape, level: auditLevel }, auditTo);
	return { log: pino({ ...shape, level }, to), audit: { write: (event) => auditLog.info({ audit: true, ...event }) } };
}

/** An error's type, message and stack, and those of its causes; no other property: drivers hang queries with values there. */
function withoutValues(cause: unknown): unknown {
	if (!(cause instanceof Error)) return { message: String(cause) };
	const { type, message, stack } = stdSerializers.err(cause);
	const { code } = cause as { code?: unknown };
	return {
		type,
		message,
		...(typeof code === 'string' && { code }),
		stack,
		...(cause instanceof StoreUnavailable && cause.cause !== undefined && { cause: withoutValues(cause.cause) }),
	};
}
