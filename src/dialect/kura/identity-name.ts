/** Rule: Kura, `ValidationUtil`: 3 to 255 letters and digits, with single `.` or `_` between them. */
export function isKuraName(text: string): boolean {
	return text.length >= 3 && text.length <= 255 && /^[A-Za-z0-9]+([._][A-Za-z0-9]+)*$/.test(text);
}
