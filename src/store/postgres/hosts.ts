import { setTimeout as sleep } from 'node:timers/promises';
import type { Client } from 'pg';
import { cut } from './follower.ts';

/*
 * Several hosts in one address, as libpq has it: `postgres://db1.example.org:5432,db2.example.org/latchkey`. One of them can be
 * written to; the others are its standbys, until one of those is promoted.
 */

/** Milliseconds for the others to answer, when one was found that can be written to. */
const graceMs = 200;

/** An address for each host. `target_session_attrs` is what we ask for anyhow. */
export function hostsOf(address: string): readonly [string, ...string[]] {
	const [, begin = '', hosts = '', path = '', query = ''] =
		/^(\w+:\/\/(?:[^@/?]*@)?)([^/?]*)([^?]*)(?:\?(.*))?$/s.exec(address) ?? [];
	const parameters = new URLSearchParams(query);
	parameters.delete('target_session_attrs');
	const rest = parameters.size > 0 ? `${path}?${parameters}` : path;
	const [first = '', ...others] = hosts.split(',').map((host) => begin + host + rest);
	return [first, ...others];
}

/** A connection that can be written to. */
interface Primary {
	readonly client: Client;
	/** Which of the hosts it is. */
	readonly at: number;
}

/**
 * Connects to all at once. Of several that can be written to, an old one among them that nobody has stopped, the one of the
 * latest timeline is found, and the others are cut. `judge` returns the timeline, and rejects where nothing can be written.
 */
export async function findPrimary(
	clients: readonly Client[],
	judge: (client: Client) => Promise<number>,
): Promise<Primary> {
	const found: (Primary & { timeline: number })[] = [];
	const answers = clients.map(async (client, at) => {
		await client.connect();
		found.push({ client, at, timeline: await judge(client) });
	});
	const all = Promise.allSettled(answers);
	await Promise.any(answers).catch(({ errors }: AggregateError) => {
		throw errors.length === 1 ? errors[0] : new AggregateError(errors, errors.map(String).join('; '));
	});
	if (clients.length > 1) await Promise.race([all, sleep(graceMs, undefined, { ref: false })]);
	const [best] = found.toSorted((a, b) => b.timeline - a.timeline);
	for (const client of clients) if (client !== best?.client) cut(client);
	return best as Primary;
}

/** The search for the server that is to be used, over and over. */
export interface Search {
	readonly isOfOne: boolean;
	/** Resolves when there is a server to use. Rejects while a single host does not answer; of several, after two searches in vain. */
	whenFound(): Promise<void>;
	found(): void;
	/** The one that was found is lost, or none was found. */
	failed(cause: unknown): void;
}

/** It may be rejected while nothing waits for it. */
function newSearch(): PromiseWithResolvers<void> {
	const search = Promise.withResolvers<void>();
	search.promise.catch(() => undefined);
	return search;
}

/** `isOfOne`: there is but one host, which is used at once. */
export function createSearch(isOfOne: boolean): Search {
	let search = newSearch();
	/** The one before it: a statement that still waits for that has seen two of them fail. */
	let older = newSearch();
	let isFound = false;
	if (isOfOne) search.resolve();
	return {
		isOfOne,
		whenFound: () => search.promise,
		found() {
			isFound = true;
			older.resolve();
			search.resolve();
			search = newSearch();
			search.resolve();
		},
		failed(cause) {
			if (isFound || !isOfOne) {
				older.reject(cause);
				older = search;
				search = newSearch();
			} else search.reject(cause);
			isFound = false;
		},
	};
}
