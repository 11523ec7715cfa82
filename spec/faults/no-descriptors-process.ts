import { closeSync, openSync } from 'node:fs';
import Koa from 'koa';
import { z } from 'zod';
import type { SessionToken } from '../../src/core/session.ts';
import { createCommonPasswords } from '../../src/hashing/common-passwords.ts';
import { parse } from '../../src/http/request/body.ts';
import { createSessionCookie } from '../../src/http/session-cookie.ts';
import { createPasskeyVerifier } from '../../src/webauthn/verifier.ts';
import { call } from '../_support/bare-context.ts';

/*
 * A process in which no file can be opened when what is loaded late is needed for the first time, and then can be again. Its limit
 * (`ulimit -n`) is set by who starts it. Prints what went well, at first and afterwards.
 */

const app = new Koa();
const cookie = createSessionCookie(app, 'session');
const common = createCommonPasswords();
const passkeys = createPasskeyVerifier();

const late: Record<string, () => Promise<unknown>> = {
	'a cookie': () => call(app, (ctx) => cookie.give(ctx, 'a'.repeat(43) as SessionToken)),
	'a body': () => call(app, (ctx) => parse(ctx, z.object({ a: z.number() }), 'json'), '{"a":1}'),
	'common passwords': () => common.has('password'),
	'a passkey': async () => {
		const shown = { id: 'a', rawId: 'a', type: 'public-key', response: { clientDataJSON: '' } };
		await passkeys.assertion(
			shown as never,
			{ challenge: '', relyingParty: { id: 'a', origins: [] }, publicKey: '' } as never,
		);
	},
};

async function goesWell(act: () => Promise<unknown>) {
	return act().then(
		() => true,
		() => false,
	);
}

async function tryAll() {
	const said: Record<string, boolean> = {};
	for (const [name, act] of Object.entries(late)) said[name] = await goesWell(act);
	return said;
}

const taken: number[] = [];
try {
	for (;;) taken.push(openSync('/dev/null', 'r'));
} catch {
	// All are taken.
}
const without = await tryAll();
for (const descriptor of taken) closeSync(descriptor);
process.stdout.write(JSON.stringify({ without, afterwards: await tryAll() }));
