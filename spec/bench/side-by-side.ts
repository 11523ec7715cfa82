import type { Extent } from './figures.ts';
import { type Asked, load } from './load.ts';
import { cpuMs, settle } from './programs.ts';

/** A request that a server is asked again and again. */
export interface Repeated extends Pick<Asked, 'mayFail'> {
	readonly url: string;
	readonly headers: Readonly<Record<string, string>>;
	/** Of the server. */
	readonly pid: number;
}

/** CPU time a request, in microseconds, of each of them in each round; one after the other. */
export async function cpuUsOf(
	all: readonly Repeated[],
	{ rounds, warmUps, seconds, pauseMs }: Extent,
): Promise<readonly number[][]> {
	const cpuUs: number[][] = all.map(() => []);
	for (let round = -warmUps; round < rounds; round += 1) {
		for (const [index, { url, headers, pid, mayFail }] of all.entries()) {
			await settle();
			const before = cpuMs(pid);
			const { requests } = await load({ url, seconds, pauseMs, carrying: [headers], ...(mayFail && { mayFail }) });
			if (round >= 0) cpuUs[index]?.push(((cpuMs(pid) - before) * 1000) / requests);
		}
	}
	return cpuUs;
}
