/** The bytes inside of every block of this label, as `CERTIFICATE`; text around the blocks is no matter. */
export function pemBlocks(file: Buffer, label: string): Buffer[] {
	const blocks = file
		.toString('latin1')
		.matchAll(new RegExp(`-----BEGIN ${label}-----([^-]*)-----END ${label}-----`, 'g'));
	return [...blocks].map(([, base64 = '']) => Buffer.from(base64, 'base64'));
}
