/*
 * Reads what AVA wrote as TAP from stdin, one run after the other. Prints what was skipped, and what failed with its
 * log and AVA's message, the first lines of each; ends with the line `N passed, N failed[, N skipped]`.
 */
import { readFileSync } from 'node:fs';

/** Lines of a log, and of a message, at the most. */
const longest = 30;

const lines = readFileSync(0, 'utf8').split('\n');
const results = lines.flatMap((line, at) => (/^(not )?ok \d/.test(line) ? [{ line, message: messageAfter(at) }] : []));

/** The test's own log, and what stands between `---` and `...` behind it. */
function messageAfter(at) {
	let from = at + 1;
	while (lines[from]?.startsWith('#')) from += 1;
	const log = shortened(lines.slice(at + 1, from));
	if (lines[from] !== '  ---') return log;
	const to = lines.indexOf('  ...', from);
	return [...log, ...shortened(lines.slice(from + 1, to === -1 ? undefined : to))];
}

function shortened(message) {
	const rest = message.length - longest;
	return rest > 0 ? [...message.slice(0, longest), `    (${rest} more)`] : message;
}

const isSkipped = ({ line }) => /# (SKIP|TODO)\b[^#]*$/.test(line);
const skipped = results.filter(isSkipped);
const failed = results.filter((result) => result.line.startsWith('not') && !isSkipped(result));
const passed = results.length - skipped.length - failed.length;

for (const { line, message } of [...skipped, ...failed]) console.log([line, ...message].join('\n'));
console.log(`${passed} passed, ${failed.length} failed${skipped.length > 0 ? `, ${skipped.length} skipped` : ''}`);
process.exitCode = failed.length === 0 && passed > 0 ? 0 : 1;
