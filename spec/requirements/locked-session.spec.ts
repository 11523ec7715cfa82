import { join } from 'node:path';
import test from 'ava';
import type { Session, SessionKey, SessionNeed } from '../../src/core/session.ts';
import { completed } from '../../src/core/session.ts';
import { openSqlite } from '../../src/store/sqlite/open.ts';
import { createSqliteSessions } from '../../src/store/sqlite/sessions.ts';
import { createClient } from '../_support/client.ts';
import { operations } from '../_support/contract.ts';
import { startService } from '../_support/service.ts';

/*
 * A session that waits for something opens what it takes to get there, and nothing else: every operation of the contract is
 * tried that a session opens.
 */

const base = '/services/session/v1';
const password = 'a long and honest password';

const always = [`GET ${base}/xsrfToken`, `POST ${base}/logout`];

/** What each opens, and the code of every other answer. */
const opens: Record<SessionNeed, { readonly code: string; readonly operations: readonly string[] }> = {
	'second-factor': {
		code: 'second-factor-needed',
		operations: [
			...always,
			`GET ${base}/secondFactor`,
			`POST ${base}/login/totp`,
			`POST ${base}/login/recoveryCode`,
			`POST ${base}/passkey/challenge`,
			`POST ${base}/login/passkey`,
		],
	},
	'password-change': { code: 'password-change-needed', operations: [...always, `POST ${base}/changePassword`] },
	enrolment: {
		code: 'enrolment-needed',
		operations: [
			...always,
			`GET ${base}/authenticators`,
			`POST ${base}/authenticators/totp`,
			`POST ${base}/authenticators/totp/{id}/confirmation`,
			`POST ${base}/authenticators/passkey/challenge`,
			`POST ${base}/authenticators/passkey`,
		],
	},
};

const service = await startService({
	dialects: {
		kismet: { enabled: true },
		insights: { enabled: true },
		kuraIdentity: { enabled: true },
		kuraTokens: { enabled: true },
	},
	resources: [{ path: '/pages', permission: 'rest.assets', upstream: 'http://127.0.0.1:9' }],
});
await service.add('ada', password, { permissions: ['kura.admin', 'rest.identity'] });
const there = openSqlite(join(service.folder, 'data/latchkey.db'));
const store = createSqliteSessions(there);
test.after.always(async () => {
	await store.close();
	await service.close();
});

async function waitingFor(needs: SessionNeed) {
	const browser = createClient(service);
	await browser.login('ada', password);
	const [open] = (await store.list(undefined, 1)) as [Session];
	await store.replace(open.key, completed({ ...open, state: 'locked', needs }), 100);
	return { browser, key: open.key };
}

/**
 * By the cookie of Kura's session; those of other protocols are never locked. What a proxy asks is asked below, about what is
 * protected.
 */
const bySession = operations.filter(({ path, operation }) => {
	if (/\/(verify|ext-authz)(\/|$)/.test(path)) return false;
	const { security } = operation;
	return security === undefined || security.some((scheme) => 'sessionCookie' in scheme);
});

const isThere = async (key: SessionKey) => (await store.find(key)) !== undefined;

for (const [needs, { code, operations: open }] of Object.entries(opens) as [
	SessionNeed,
	(typeof opens)[SessionNeed],
][]) {
	test.serial(`a session that waits for ${needs} opens ${open.length} operations, and no other one`, async (t) => {
		const { browser, key } = await waitingFor(needs);
		let refused = 0;
		for (const { method, path } of bySession) {
			if (open.includes(`${method} ${path}`)) continue;
			const target = path.replaceAll('{name}', 'ada').replaceAll(/\{\w+\}/g, 'x');
			const body = ['GET', 'DELETE'].includes(method) ? undefined : {};
			const answer = await browser.send(target, { method, json: body });
			// Rule: Kura, 403 of its tokens.
			const status = path.startsWith('/services/token/jwt/') ? 403 : 401;
			t.like(answer, { status, body: { code } }, `${method} ${path}: ${JSON.stringify(answer.body)}`);
			t.true(await isThere(key), `${method} ${path} ends nothing`);
			refused += 1;
		}
		t.true(refused > 30, String(refused));
		for (const path of ['/pages/x', '/services/auth/v1/verify?permission=rest.assets']) {
			t.like(await browser.get(path), { status: 401, body: { code } }, path);
		}
		for (const operation of open)
			t.true(
				bySession.some(({ method, path }) => operation === `${method} ${path}`),
				operation,
			);
		t.is((await browser.get(`${base}/xsrfToken`)).status, 200);
		const change = await browser.changePassword('wrong', `${password} of tomorrow`);
		t.like(change, { status: 401, body: { code: needs === 'password-change' ? 'bad-credentials' : code } });
		t.is((await browser.logout()).status, 204);
		t.false(await isThere(key));
	});
}
