/** Without those that look alike: 0 and o, 1 and l. */
const letters = 'abcdefghjkmnpqrstuvwxyz23456789';

/** A password to begin with, easy to read out: 20 random letters and digits, just under 100 bits. */
export function suggestPassword(): string {
	const limit = 256 - (256 % letters.length);
	let text = '';
	while (text.length < 20) {
		const [byte = limit] = crypto.getRandomValues(new Uint8Array(1));
		// A byte beyond the last whole multiple would prefer some letters.
		if (byte < limit) text += letters[byte % letters.length];
	}
	return text.replace(/(.{5})(?=.)/g, '$1-');
}
