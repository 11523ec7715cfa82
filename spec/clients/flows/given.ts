/** What a flow is given: the service, and a `fetch` that keeps cookies as a browser does. */
export interface Given {
	readonly baseUrl: string;
	readonly fetch: typeof globalThis.fetch;
	/** The path of something protected, which no generated client knows. */
	readonly resource: string;
}

/** What a flow with a second factor is given besides: an app on a phone, and time that passes. */
export interface Phone {
	codeOf(secret: string): string;
	/** One that is right at no time near. */
	wrongCodeOf(secret: string): string;
	wait(seconds: number): void;
}

/** Written down by a flow, step by step. All flows must have the same to tell. */
export type Tell = (step: string, status: number | undefined, what?: string | boolean) => void;

export const username = 'ada';
export const firstPassword = 'only for today 1';
export const ownPassword = 'nobody guesses this';

/** A token that is asked for. */
export const nightly = { name: 'nightly build', permissions: ['rest.assets'], expiresInDays: 30 };

/** An identity as Kura has it. */
export const meter = {
	identity: { name: 'meter' },
	passwordConfiguration: { passwordAuthEnabled: true, password: 'nobody-guesses-that' },
	permissionConfiguration: { permissions: [{ name: 'rest.assets' }] },
};
