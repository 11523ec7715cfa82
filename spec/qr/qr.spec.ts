import test from 'ava';
import jsqr from 'jsqr';
import { qrSvg, qrTerminal } from '../../src/qr/qr.ts';

/** What a camera that sees these modules reads. */
function read(rows: readonly (readonly boolean[])[]): string | undefined {
	const scale = 4;
	const side = (rows[0]?.length ?? 0) * scale;
	const pixels = new Uint8ClampedArray(side * side * 4).fill(255);
	for (let y = 0; y < side; y += 1) {
		for (let x = 0; x < side; x += 1) {
			if (rows[Math.floor(y / scale)]?.[Math.floor(x / scale)])
				pixels.fill(0, (y * side + x) * 4, (y * side + x) * 4 + 3);
		}
	}
	return jsqr.default(pixels, side, side)?.data;
}

/** The modules as the path of the SVG draws them. */
function drawnIn(svg: string): boolean[][] {
	const side = Number(/viewBox="0 0 (\d+) \1"/.exec(svg)?.[1]);
	const rows = Array.from({ length: side }, () => Array<boolean>(side).fill(false));
	for (const [, x, y] of svg.matchAll(/M(\d+) (\d+)h1v1h-1z/g)) rows[Number(y)]![Number(x)] = true;
	return rows;
}

function drawnOn(terminal: string): boolean[][] {
	const lines = terminal.split('\n').map((line) => /m([ ▀▄█]+)/.exec(line)?.[1] ?? '');
	return lines.flatMap((line) => [
		[...line].map((each) => each === '▀' || each === '█'),
		[...line].map((each) => each === '▄' || each === '█'),
	]);
}

const texts = [
	'otpauth://totp/Latchkey:ada?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=Latchkey&algorithm=SHA1&digits=6&period=30',
	'https://login.example.com/#/invitation/abcdefghijklmnopqrstuvwxyz',
	`otpauth://totp/${encodeURIComponent('Ünïcode 🦊'.repeat(12))}`,
	'a',
];
for (const text of texts) {
	test(`a camera reads from the picture and from the terminal what was drawn: ${text.slice(0, 40)}`, (t) => {
		t.is(read(drawnIn(qrSvg(text))), text);
		t.is(read(drawnOn(qrTerminal(text))), text);
	});
}

test('the picture holds nothing but paths', (t) => {
	const svg = qrSvg('<script>alert(1)</script>');
	t.regex(svg, /^<svg [^<>]*><path [^<>]*\/><path [^<>]*\/><\/svg>$/);
	t.notRegex(svg, /script|alert|style|href/);
});

test('four light modules stand around it', (t) => {
	for (const rows of [drawnIn(qrSvg('a')), drawnOn(qrTerminal('a'))]) {
		const dark = rows.flatMap((row, y) => row.flatMap((isDark, x) => (isDark ? [[x, y]] : []))).flat();
		t.is(Math.min(...dark), 4);
		t.is(Math.max(...dark), (rows[0]?.length ?? 0) - 5);
	}
});
