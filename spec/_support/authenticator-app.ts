import type { TotpStep } from '../../src/core/authenticator.ts';
import type { Instant } from '../../src/core/clock.ts';
import { codeAt, stepAt } from '../../src/core/totp.ts';
import type { Client } from './client.ts';

/* An app on a phone, which was given a secret. */

const base = '/services/session/v1';
const base32 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';

export interface App {
	readonly id: string;
	readonly secret: string;
	/** As the app shows it, so many steps of 30 seconds from now. */
	code(steps?: number): string;
	/** One that is right at no time near. */
	wrongCode(): string;
}

/** The bytes that a secret stands for. */
export function fromBase32(secret: string): Buffer {
	const bits = [...secret].map((letter) => base32.indexOf(letter).toString(2).padStart(5, '0')).join('');
	return Buffer.from((bits.match(/.{8}/g) ?? []).map((byte) => Number.parseInt(byte, 2)));
}

export function createApp(id: string, secret: string, now: () => number = Date.now): App {
	const bytes = fromBase32(secret);
	const code = (steps = 0) => codeAt(bytes, (stepAt(now() as Instant) + steps) as TotpStep);
	const near = () => [-3, -2, -1, 0, 1, 2, 3].map(code);
	return {
		...{ id, secret, code },
		wrongCode: () =>
			Array.from({ length: 10 }, (_, at) => String(at).padStart(6, '0')).find((one) => !near().includes(one)) ?? '',
	};
}

/** Sets up an app and confirms it by the code of the step before this one. */
export async function setUpApp(browser: Client, now?: () => number): Promise<App> {
	const made = await browser.post(`${base}/authenticators/totp`, { name: 'Phone' });
	if (made.status !== 201) throw new Error(`${made.status} ${JSON.stringify(made.body)}`);
	const { id, secret } = made.body as { id: string; secret: string };
	const app = createApp(id, secret, now);
	const confirmed = await browser.post(`${base}/authenticators/totp/${id}/confirmation`, { code: app.code(-1) });
	if (confirmed.status !== 200) throw new Error(`${confirmed.status} ${JSON.stringify(confirmed.body)}`);
	await browser.fetchXsrfToken();
	return app;
}
