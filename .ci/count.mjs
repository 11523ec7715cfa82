// Reads what AVA wrote as TAP from stdin, one run after the other, and ends with the line `N passed, N failed[, N skipped]`.
import { readFileSync } from 'node:fs';

const results = readFileSync(0, 'utf8')
	.split('\n')
	.filter((line) => /^(not )?ok \d/.test(line));

const isSkipped = (line) => /# (SKIP|TODO)\b[^#]*$/.test(line);
const skipped = results.filter(isSkipped);
const failed = results.filter((line) => line.startsWith('not') && !isSkipped(line));
const passed = results.length - skipped.length - failed.length;

for (const line of [...skipped, ...failed]) console.log(line);
console.log(`${passed} passed, ${failed.length} failed${skipped.length > 0 ? `, ${skipped.length} skipped` : ''}`);
process.exitCode = failed.length === 0 && passed > 0 ? 0 : 1;
