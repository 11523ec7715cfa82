import { type DestinationStream, pino, stdSerializers } from 'pino';
import type { Audit, AuditedAct } from '../core/audit.ts';
import { StoreUnavailable } from '../core/stores.ts';
import { type AuditFile, openAuditFile } from './audit-file.ts';
import { openLogOutput } from './log-output.ts';

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
	/** Throws while the audit cannot be written. */
	probe(): void;
	/** Opens `auditFile` anew, after somebody has moved it away. */
	reopen(): void;
}

export interface LogTo {
	readonly level: Level;
	/** Audit lines go there, and not to `to`. Several processes may write to it. */
	readonly auditFile?: string;
	/** stdout by default. `fault`: why lines are lost. */
	readonly to?: DestinationStream & { readonly fault?: unknown };
	/** What stdout gets: JSON by default. `auditFile` gets JSON always. */
	readonly format?: 'json' | 'pretty';
}

/**
 * One JSON line per event, written before the call returns: what was acknowledged to a client stands in the log even
 * if the process is killed the next instant. Audit lines carry `"audit": true`, and no level but `silent` hides them.
 * Where `auditFile` cannot be written, `audit.write` throws StoreUnavailable: what is not audited is not granted.
 */
export function createLogs({ level, auditFile, format = 'json', to = openLogOutput(format) }: LogTo): Logs {
	const shape = {
		base: null,
		timestamp: () => `,"time":"${new Date().toISOString()}"`,
		formatters: { level: (label: string) => ({ level: label }) },
		serializers: { cause: withoutValues },
	};
	const log = pino({ ...shape, level }, to);
	const file = auditFile === undefined ? undefined : openNamed(auditFile, log);
	const auditLevel = file === undefined && level === 'silent' ? 'silent' : 'info';
	const auditLog = pino({ ...shape, level: auditLevel }, file ?? to);

	function judge() {
		const { fault } = file ?? to;
		// The log says already when it began.
		if (fault !== undefined) throw new StoreUnavailable('audit', { cause: fault, isLogged: true });
	}

	return {
		log,
		audit: {
			write(event) {
				auditLog.info({ audit: true, ...event });
				if (!unattended.has(event.act)) judge();
			},
		},
		probe() {
			if (file?.fault !== undefined) file.flush();
			judge();
		},
		reopen: () => file?.reopen(),
	};
}

/** Nobody waits for an answer that could be a no: such a line is written when that is possible again. */
const unattended: ReadonlySet<AuditedAct> = new Set(['start', 'stop', 'store-outage', 'store-recovery']);

function openNamed(path: string, log: Log): AuditFile {
	try {
		return openAuditFile(path, (state, { cause, lost }) => {
			if (state === 'writable') log.warn({ ...(lost && { lost }) }, 'the audit file can be written again');
			else if (state === 'unwritable')
				log.error({ cause }, 'the audit file cannot be written: nobody logs in, until it can');
			else
				log.error(
					{ cause },
					'the audit file cannot be opened anew: its lines go on into the one of before, until it can',
				);
		});
	} catch (cause) {
		throw new Error(`log.auditFile: ${path} cannot be opened: ${(cause as Error).message}`, { cause });
	}
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
