const browsers: readonly (readonly [RegExp, string])[] = [
	[/\bEdg(?:e|A|iOS)?\//, 'Edge'],
	[/\bOPR\/|\bOpera\b/, 'Opera'],
	[/\bSamsungBrowser\//, 'Samsung Internet'],
	[/\bFirefox\/|\bFxiOS\//, 'Firefox'],
	[/\bHeadlessChrome\/|\bChrome\/|\bChromium\/|\bCriOS\//, 'Chrome'],
	[/\bSafari\//, 'Safari'],
];

const systems: readonly (readonly [RegExp, string])[] = [
	[/\bAndroid\b/, 'Android'],
	[/\biPhone\b/, 'iPhone'],
	[/\biPad\b/, 'iPad'],
	[/\bWindows\b/, 'Windows'],
	[/\bMac OS X\b|\bMacintosh\b/, 'macOS'],
	[/\bCrOS\b/, 'ChromeOS'],
	[/\bLinux\b/, 'Linux'],
];

const maxLength = 40;

/**
 * What a person recognises a device by: "Firefox on Linux", or the program's own first word, as "curl/8.5.0". Meant
 * for lists, never for a decision: a client writes what it likes here.
 */
export function deviceOf(userAgent: string | undefined): string {
	if (userAgent === undefined || userAgent === '') return 'unknown';
	const first = (table: typeof browsers) => table.find(([sign]) => sign.test(userAgent))?.[1];
	const browser = first(browsers);
	const system = first(systems);
	if (browser !== undefined) return system === undefined ? browser : `${browser} on ${system}`;
	const program = userAgent.split(' ')[0] ?? '';
	return program.replace(/[^\x21-\x7e]/g, '').slice(0, maxLength) || 'unknown';
}
