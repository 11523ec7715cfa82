import { z } from 'zod';

/* What is written down of what happens, and where it can be read. */

export const logSchema = z.strictObject({
	level: z.enum(['trace', 'debug', 'info', 'warn', 'error', 'fatal']).default('info'),
	/** Of what goes to stdout. `auto`: for people where that is a terminal, else JSON. */
	format: z.enum(['auto', 'json', 'pretty']).default('auto'),
	/** A file for the audit's lines, those of the command line's acts among them. Absent: the service's go to stdout. */
	auditFile: z.string().min(1).optional(),
});

/** Of the table that can be searched; what is in the log stays as long as the log. */
export const auditSchema = z.strictObject({
	/** Days that a line is kept. */
	keepDays: z.int().min(1).max(3650).default(90),
	/** Lines that are kept. Where there are more, the most frequent kinds give. */
	mostRows: z.int().min(1000).max(100_000_000).default(1_000_000),
});

export const metricsSchema = z.strictObject({
	host: z.string().min(1).default('127.0.0.1'),
	/** `/metrics`, for Prometheus, on a port of its own; everybody who reaches it may read them. Absent: there are none. */
	port: z.int().min(0).max(65535).optional(),
});
