import type { TestService } from './service.ts';

/** How many passwords a service has hashed so far; its settings have `metrics: { port: 0 }`. What costs a hash is judged by that, and not by the time it takes. */
export async function hashCount({ service }: TestService): Promise<number> {
	const text = await (await fetch(service.metricsUrl ?? '')).text();
	const [, count] = /^latchkey_password_hash_seconds_count (\d+)$/m.exec(text) ?? [];
	if (count === undefined) throw new Error(text);
	return Number(count);
}
