import { encode } from 'uqr';

/*
 * QR codes of short texts, as links and `otpauth:` addresses. Source: ISO/IEC 18004. What they hold may be a secret: they are drawn
 * here, and by nobody on the network.
 */

/** Light modules around it. Source: ISO/IEC 18004, 9.1. */
const quietZone = 4;

/** The modules, quiet zone included; true is dark. Throws where the text is longer than 2,000 bytes or so. */
function modulesOf(text: string): readonly (readonly boolean[])[] {
	return encode([...Buffer.from(text)], { ecc: 'M', border: quietZone }).data;
}

/** An SVG document, for an `img` or for the page itself; it scales. Holds no script, no style and nothing of `text` in the clear. */
export function qrSvg(text: string): string {
	const rows = modulesOf(text);
	const dark = rows.flatMap((row, y) => row.map((isDark, x) => (isDark ? `M${x} ${y}h1v1h-1z` : ''))).join('');
	const size = rows.length;
	return [
		`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${size} ${size}" shape-rendering="crispEdges">`,
		`<path fill="#fff" d="M0 0h${size}v${size}H0z"/><path fill="#000" d="${dark}"/></svg>`,
	].join('');
}

/** Dark on light, whatever the colours of the terminal are. */
const colours = '\u001b[38;5;16;48;5;231m';
const reset = '\u001b[0m';

/** Lines for a terminal, two rows of modules in each. For people: not to be written where no terminal is. */
export function qrTerminal(text: string): string {
	const rows = modulesOf(text);
	const lines = [];
	for (let y = 0; y < rows.length; y += 2) {
		const halves = rows[y]?.map((upper, x) => ' ▀▄█'[(upper ? 1 : 0) + (rows[y + 1]?.[x] ? 2 : 0)]) ?? [];
		lines.push(`${colours}${halves.join('')}${reset}`);
	}
	return lines.join('\n');
}
