import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';

const root = join(import.meta.dirname, '../..');
const rows = readFileSync(join(root, 'spec/requirements.md'), 'utf8')
	.split('\n')
	.map((line) => line.split('|').map((cell) => cell.trim()))
	.filter(([, id = '']) => /^[A-Z]+\d+$/.test(id));

/** How many promises the first version made. None of them goes. */
const first = { A: 10, B: 12, C: 13, D: 11, E: 7, F: 13, G: 6, H: 11, I: 8, J: 5, K: 7, L: 15 };

test('every promise is in the table, once and in order', (t) => {
	const ids = rows.map(([, id = '']) => id);
	t.deepEqual(ids, [...new Set(ids)].sort(inOrder));
	for (const [group, size] of Object.entries(first)) {
		for (let at = 1; at <= size; at += 1) t.true(ids.includes(`${group}${at}`), `${group}${at}`);
	}
});

/** By letters, then by number. */
function inOrder(one: string, other: string): number {
	const [a, b] = [one, other].map((id) => id.replace(/\d+/, (number) => number.padStart(3, '0')));
	return String(a) < String(b) ? -1 : 1;
}

test('every promise says where it is shown and what was measured, and names files that are there', (t) => {
	for (const [, id, promise = '', shown = '', measured = ''] of rows) {
		t.true(promise.length > 10 && measured.length > 2, `${id}`);
		const files = [...shown.matchAll(/`([^`]+)`/g)].map(([, file = '']) => file);
		t.true(files.length > 0, `${id} is shown nowhere`);
		for (const file of files) t.true(existsSync(join(root, file)), `${id}: there is no ${file}`);
	}
});
