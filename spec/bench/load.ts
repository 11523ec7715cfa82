import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Extent } from './figures.ts';
import { type Core, isInstalled, loadCore, pinned, runNode } from './programs.ts';

export interface Asked extends Pick<Extent, 'seconds' | 'pauseMs'> {
	readonly url: string;
	readonly connections?: number;
	/** Where from: the second core, by default. */
	readonly core?: Core;
	/** An answer may be a no. */
	readonly mayFail?: true;
	readonly method?: string;
	readonly body?: string;
	/** One after the other, in turn: what each request carries. */
	readonly carrying: readonly Readonly<Record<string, string>>[];
}

export interface Answered {
	readonly requests: number;
	/** Only where they may. */
	readonly failed: number;
	/** How long it really took. */
	readonly seconds: number;
}

/** With what was left to us. */
type Whole = Asked & Required<Pick<Asked, 'connections' | 'core' | 'method'>>;

const run = promisify(execFile);

/** What makes the load, in words. */
export const loadProgram = isInstalled('wrk') ? 'wrk' : 'autocannon';

/** Asks as fast as it is answered, but for the pauses. Rejects where an answer was none, or a no that it may not be. */
export async function load(asked: Asked): Promise<Answered> {
	const whole: Whole = { connections: 16, core: loadCore, method: 'GET', ...asked };
	const ask = loadProgram === 'wrk' ? byWrk : byAutocannon;
	const isNone = ({ requests, failed }: Answered) => requests === 0 || (failed > 0 && !asked.mayFail);
	let answered = await ask(whole);
	const failure = () => new Error(`${asked.url}: ${answered.failed} of ${answered.requests} requests failed`);
	// The short form judges no time: on a busy machine a store may answer too late, which is a 503. Said, and asked once more.
	const isLate = answered.failed > 0 && asked.pauseMs > 0 && isNone(answered);
	if (isLate) process.stderr.write(`${failure().message}: once more\n`);
	// On a machine that is busy with something else the first answer may take longer.
	if (isLate || answered.requests === 0) answered = await ask({ ...whole, seconds: whole.seconds + 20 });
	if (isNone(answered)) throw failure();
	return answered;
}

async function byWrk({ url, seconds, pauseMs, connections, core, method, body, carrying }: Whole): Promise<Answered> {
	const folder = await mkdtemp(join(tmpdir(), 'latchkey-load-'));
	try {
		const script = join(folder, 'requests.lua');
		await writeFile(script, luaOf(method, body, new URL(url), carrying, pauseMs));
		// What takes longer than two seconds, wrk counts as a failure unless told otherwise: that is for the reader to judge.
		const words = ['wrk', '-t1', `-c${connections}`, `-d${seconds}s`, '--timeout', '60s', '-s', script, url];
		const [program, args] = pinned(core, words);
		const { stdout } = await run(program, args, { maxBuffer: 1e7 });
		const number = (shape: RegExp) => Number(shape.exec(stdout)?.[1] ?? 0);
		const microseconds = number(/^microseconds (\d+)$/m);
		const failed = number(/^failed (\d+)$/m);
		return { requests: number(/^requests (\d+)$/m), seconds: microseconds / 1e6, failed };
	} finally {
		await rm(folder, { recursive: true });
	}
}

/** Requests are put together before the load begins. wrk counts what is not 2xx or 3xx as an error of status. */
function luaOf(
	method: string,
	body: string | undefined,
	{ pathname, search }: URL,
	carrying: Asked['carrying'],
	pauseMs: number,
): string {
	const text = (value: string) => `"${value.replace(/[\\"]/g, '\\$&')}"`;
	const table = (headers: Readonly<Record<string, string>>) =>
		`{${Object.entries(headers)
			.map(([name, value]) => `[${text(name)}]=${text(value)}`)
			.join(',')}}`;
	const path = text(pathname + search);
	return `local carrying = {
${carrying.map(table).join(',\n')}
}
local requests = {}
local at = 0
function init()
	for i, headers in ipairs(carrying) do
		requests[i] = wrk.format(${text(method)}, ${path}, headers, ${body === undefined ? 'nil' : text(body)})
	end
end
function request()
	at = at % #requests + 1
	return requests[at]
end
${pauseMs > 0 ? `function delay() return ${pauseMs} end` : ''}
function done(summary)
	local e = summary.errors
	io.write(string.format("requests %d\\nmicroseconds %d\\nfailed %d\\n", summary.requests, summary.duration,
		e.connect + e.read + e.write + e.status + e.timeout))
end
`;
}

async function byAutocannon({
	url,
	seconds,
	pauseMs,
	connections,
	core,
	method,
	body,
	carrying,
}: Whole): Promise<Answered> {
	const { pathname, search } = new URL(url);
	const requests = carrying.map((headers) => ({ method, path: pathname + search, headers, body }));
	const overallRate = pauseMs > 0 ? Math.ceil((connections * 1000) / pauseMs) : undefined;
	const orders = JSON.stringify({ url, connections, seconds, overallRate, requests });
	const script = join(import.meta.dirname, 'peers/autocannon.js');
	return JSON.parse(await runNode([script], { core }, orders));
}
