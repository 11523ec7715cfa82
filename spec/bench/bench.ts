import { writeFile } from 'node:fs/promises';
import { availableParallelism, cpus, release } from 'node:os';
import { parseArgs } from 'node:util';
import { against } from './against.ts';
import { checks } from './checks.ts';
import { copies } from './copies.ts';
import type { Extent, Measured, Row } from './figures.ts';
import { growth } from './growth.ts';
import { growthShared } from './growth-shared.ts';
import { handover } from './handover.ts';
import { latency } from './latency.ts';
import { loadProgram } from './load.ts';
import { logins } from './logins.ts';
import { proxied } from './proxied.ts';
import { shown } from './report.ts';
import { resurrections } from './resurrections.ts';
import { rules } from './rules.ts';
import { endRun, inTurn } from './run.ts';
import { start } from './start.ts';
import { storm } from './storm.ts';
import { streams } from './streams.ts';
import { sweep } from './sweep.ts';
import { tokens } from './tokens.ts';
import { websockets } from './websockets.ts';

/*
 * How fast Latchkey is beside what else one could take, and whether it comes to what it means to. Ratios within one run
 * are what to look at: absolute figures do not carry over to another machine. On a quiet one:
 *
 *   npm run bench                             all of it: a quarter of an hour
 *   npm run bench -- --only checks            one part (see `rows` below)
 *   npm run bench -- --sessions 10000000   with so many sessions stored in SQLite (a million in Redis): 3 GB of disk, as much memory
 *   npm run bench -- --against REV         a former revision beside this checkout: what became dearer; some five minutes
 *   npm run bench -- --short                  under a minute, all parts at once: shows that it works; its figures mean nothing
 *   npm run bench -- --json FILE --svg FILE   all figures of all rounds; the chart
 */

const rows: readonly Row[] = [
	checks,
	latency,
	tokens,
	copies,
	handover,
	resurrections,
	rules,
	logins,
	storm,
	growth,
	growthShared,
	start,
	sweep,
	proxied,
	streams,
	websockets,
];

const { values: options } = parseArgs({
	options: {
		short: { type: 'boolean', default: false },
		only: { type: 'string', multiple: true },
		against: { type: 'string' },
		rounds: { type: 'string' },
		seconds: { type: 'string' },
		sessions: { type: 'string' },
		json: { type: 'string' },
		svg: { type: 'string' },
	},
});

function say(text: string) {
	process.stdout.write(`${text}\n`);
}

const { short, only, json, svg } = options;
const extent: Extent = {
	short,
	rounds: Number(options.rounds ?? (short ? 1 : 5)),
	warmUps: short ? 0 : 1,
	seconds: Number(options.seconds ?? (short ? 1 : 3)),
	pauseMs: short ? 20 : 0,
	sessions: Number(options.sessions ?? (short ? 20_000 : 1_000_000)),
};
const { against: revision } = options;
const asked = only === undefined ? rows : rows.filter(({ name }) => only.includes(name));
const chosen = revision === undefined ? asked : [against(revision)];
if (chosen.length === 0) {
	say(`--only: one of ${rows.map(({ name }) => name).join(', ')}`);
	process.exit(2);
}

const machine = {
	measuredAt: new Date().toISOString(),
	processor: cpus()[0]?.model ?? 'unknown',
	cores: availableParallelism(),
	kernel: release(),
	node: process.version,
	load: loadProgram,
	extent,
};
say(`${machine.processor}, ${machine.cores} cores, Node ${machine.node}, load by ${machine.load}`);
if (short) say('The short form: it shows that everything works, and its figures mean nothing.');

const results: Record<string, Measured> = {};
let failed = false;
await inTurn(chosen, extent, async (row) => {
	try {
		const measured = await row.measure(extent);
		results[row.name] = measured;
		say(shown(row, measured, !short));
	} catch (fault) {
		failed = true;
		say(`\n${row.says}\n\nFAILED: ${fault instanceof Error ? fault.stack : fault}\n`);
	}
});
await endRun();

const figures = Object.fromEntries(
	Object.entries(results).map(([name, { figures, details, skipped }]) => [name, { figures, details, skipped }]),
);
if (json !== undefined) await writeFile(json, `${JSON.stringify({ ...machine, rows: figures }, null, '\t')}\n`);
const chart = results.checks?.chart;
if (svg !== undefined && chart !== undefined) await writeFile(svg, chart);
process.exit(failed ? 1 : 0);
