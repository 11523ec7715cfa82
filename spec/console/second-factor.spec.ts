import type { ExecutionContext } from 'ava';
import type { Page } from 'playwright-core';
import { onStage } from './on-stage.ts';
import { clerkPassword, comeBack, signedInAsAda, signIn, signOut, withApp } from './scenes.ts';
import { setUpApp } from './set-up-app.ts';
import type { Stage } from './stage.ts';

/* Second factors, as a person sets them up, signs in by them, loses them and is helped. */

const sessionsOf = ({ service }: Stage) => service.service.core.sessions.list(undefined, 10);

const nextCode = ({ clock }: Stage, app: { code(): string }) => {
	clock.wind(30_000);
	return app.code();
};

onStage(
	'an app is set up, asked for at every sign-in, and replaced by a recovery code when it is lost',
	async (t, stage) => {
		const { page, app } = await withApp(stage);
		await page.getByRole('button', { name: 'Make recovery codes' }).click();
		await page.getByText('Each lets you in once').waitFor();
		const codes = await page.locator('.codes li').allInnerTexts();
		t.is(codes.length, 10);
		await page.getByRole('button', { name: 'I have kept them' }).click();
		await page.getByText('10 are left.').waitFor();
		t.false((await page.content()).includes(codes[0] ?? 'none'), 'they are shown once');
		await signOut(page);

		await signIn(page, 'ada', clerkPassword);
		await page.getByRole('heading', { name: 'One more step' }).waitFor();
		await page.reload();
		await page.getByRole('heading', { name: 'One more step' }).waitFor();
		await page.getByLabel('Code from your app').fill(app.wrongCode());
		await page.keyboard.press('Enter');
		await page.getByRole('alert').getByText('The code is wrong').waitFor();
		stage.clock.wind(2000);
		await page.getByLabel('Code from your app').fill(nextCode(stage, app));
		await page.keyboard.press('Enter');
		await page.getByRole('button', { name: 'Sign out', exact: true }).waitFor();
		await signOut(page);

		await signIn(page, 'ada', clerkPassword);
		await page.getByRole('button', { name: /recovery code/ }).click();
		await page.getByLabel('Recovery code').fill(codes[3] ?? '');
		await page.keyboard.press('Enter');
		await page.getByText('9 recovery codes are left.').waitFor();
		await signOut(page);
		await signIn(page, 'ada', clerkPassword);
		await page.getByRole('button', { name: 'Cancel' }).click();
		await page.getByRole('heading', { name: 'Sign in' }).waitFor();
		t.deepEqual(await sessionsOf(stage), []);
	},
);

onStage(
	'where one is required, nothing else may be done before it is set up; then recovery codes are offered',
	async (t, stage) => {
		const page = await signedInAsAda(stage);
		await page.getByRole('heading', { name: 'Set up a second factor' }).waitFor();
		t.is(await page.getByRole('navigation').count(), 0);
		await page.reload();
		await page.getByRole('heading', { name: 'Set up a second factor' }).waitFor();
		await setUpApp(stage);
		await page.getByRole('heading', { name: 'Security' }).waitFor();
		await page.getByRole('button', { name: 'Make recovery codes' }).waitFor();
		await page.getByRole('button', { name: 'Remove My phone' }).click();
		await page.getByRole('dialog').getByRole('button', { name: 'Remove' }).click();
		await page.getByText('You must have a second factor: set up another one first.').waitFor();
	},
	{ secondFactor: { required: 'everybody' } },
);

/** ada, whose session has ended while she typed, after the first of the two steps that let her go on. */
async function afterFirstStep(stage: Stage) {
	const { page, app } = await withApp(stage);
	await page.getByRole('link', { name: 'Password' }).click();
	await page.getByLabel('New password', { exact: true }).fill('half a password');
	await stage.service.service.core.sessions.endAll({ actor: 'operator' });
	await comeBack(page);
	const dialog = page.getByRole('dialog');
	await dialog.getByText('Your session has ended').waitFor();
	await dialog.getByLabel('Password', { exact: true }).fill(clerkPassword);
	await dialog.getByRole('button', { name: 'Sign in', exact: true }).click();
	await dialog.getByText('One more step').waitFor();
	return { page, app, dialog };
}

onStage('a session that ended is taken up again with both steps, and what was typed stays', async (t, stage) => {
	const { page, app, dialog } = await afterFirstStep(stage);
	await dialog.getByLabel('Code from your app').fill(nextCode(stage, app));
	await dialog.getByRole('button', { name: 'Sign in', exact: true }).click();
	await dialog.waitFor({ state: 'detached' });
	t.is(await page.getByLabel('New password', { exact: true }).inputValue(), 'half a password');
});

onStage('somebody else at the second step ends what the first one has opened', async (t, stage) => {
	const { page, dialog } = await afterFirstStep(stage);
	await dialog.getByRole('button', { name: 'Sign in as somebody else' }).click();
	await page.getByRole('heading', { name: 'Sign in' }).waitFor();
	t.deepEqual(await sessionsOf(stage), []);
});

onStage(
	'a proof asks for the factor, and not for the password, which proves too little; a factor is removed by it',
	async (t, stage) => {
		const { page, app } = await withApp(stage);
		stage.clock.wind(6 * 60_000);
		await page.getByRole('button', { name: 'Remove My phone' }).click();
		await page.getByRole('dialog').getByRole('button', { name: 'Remove' }).click();
		const proof = page.getByRole('dialog').filter({ hasText: 'Is it you?' });
		await proof.getByLabel('Code from your app').waitFor();
		t.is(await proof.getByRole('button', { name: 'Use the password instead' }).count(), 0, 'it proves too little');
		await proof.getByLabel('Code from your app').fill(app.code());
		await proof.getByRole('button', { name: 'Confirm' }).click();
		await page.getByText('My phone is removed.').waitFor();
		await page.getByText('Anybody who knows your password can sign in as you.').waitFor();
	},
);

onStage(
	'an administrator sees the factors of others, and takes them from somebody who has lost them',
	async (t, stage) => {
		const { service } = stage;
		await service.add('boss', clerkPassword, { permissions: ['kura.admin'] });
		const { page } = await withApp(stage);
		await signOut(page);
		await signIn(page, 'boss', clerkPassword);
		await page.getByRole('link', { name: 'Identities' }).waitFor();
		await page.goto(`${service.url}/#/identity/ada`);
		const section = page.getByRole('region', { name: 'Second factors' });
		await section.getByText('My phone').waitFor();
		await section.getByRole('button', { name: 'Remove all' }).click();
		await page.getByRole('dialog').getByRole('button', { name: 'Remove' }).click();
		await section.getByText('None is set up.').waitFor();
		await signOut(page);
		await signIn(page, 'ada', clerkPassword);
		await page.getByRole('button', { name: 'Sign out', exact: true }).waitFor();
		t.pass();
	},
);

/** A security key, or the reader of fingerprints of this device, as Chromium plays them. */
async function virtualAuthenticator({ context, page }: Stage, more: object = {}) {
	const session = await context.newCDPSession(page);
	await session.send('WebAuthn.enable', { enableUI: false });
	const options = {
		...{ protocol: 'ctap2', ctap2Version: 'ctap2_1', transport: 'internal', hasResidentKey: true },
		...{ hasUserVerification: true, isUserVerified: true, automaticPresenceSimulation: true },
		...more,
	} as Parameters<typeof session.send<'WebAuthn.addVirtualAuthenticator'>>[1] extends infer P
		? P extends { options: infer O }
			? O
			: never
		: never;
	const { authenticatorId } = await session.send('WebAuthn.addVirtualAuthenticator', { options });
	return { session, authenticatorId };
}

/** Passkeys have names, and no addresses. */
const atLocalhost = (url: string) => url.replace('127.0.0.1', 'localhost');

async function withPasskey(t: ExecutionContext, stage: Stage, more: object = {}): Promise<Page> {
	const { service, open } = stage;
	await service.add('ada', clerkPassword);
	const page = await open({ url: atLocalhost(service.url) });
	await virtualAuthenticator(stage, more);
	await signIn(page, 'ada', clerkPassword);
	await page.getByRole('link', { name: 'Security' }).click();
	await page.getByRole('button', { name: 'Set up a passkey' }).click();
	await page.getByLabel('Name of the passkey').fill('Blue key');
	await page.getByRole('button', { name: 'Set up' }).click();
	await page.getByText('Blue key is set up.').waitFor();
	t.regex(await page.getByRole('listitem').filter({ hasText: 'Blue key' }).innerText(), /Passkey/);
	await signOut(page);
	return page;
}

onStage('a passkey is set up, and signs in without a name or a password', async (t, stage) => {
	const page = await withPasskey(t, stage);
	await page.getByRole('button', { name: 'Sign in with a passkey' }).click();
	await page.getByRole('button', { name: 'Sign out', exact: true }).waitFor();
	const [session] = await sessionsOf(stage);
	t.is(session?.level, 2);
});

onStage('a security key without a name in it is the second step after the password', async (t, stage) => {
	const page = await withPasskey(t, stage, { transport: 'usb', hasResidentKey: false });
	await signIn(page, 'ada', clerkPassword);
	await page.getByRole('button', { name: 'Use a passkey' }).click();
	await page.getByRole('button', { name: 'Sign out', exact: true }).waitFor();
	t.pass();
});

onStage('who cancels at the device is told so, and can try again', async (t, stage) => {
	const { service, open } = stage;
	await service.add('ada', clerkPassword);
	const page = await open({ url: atLocalhost(service.url) });
	const { session, authenticatorId } = await virtualAuthenticator(stage);
	await session.send('WebAuthn.setUserVerified', { authenticatorId, isUserVerified: false });
	await page.getByRole('button', { name: 'Sign in with a passkey' }).click();
	await page.getByText('No passkey was used: it was cancelled, or took too long.').waitFor();
	t.true(await page.getByRole('button', { name: 'Sign in with a passkey' }).isEnabled());
});

onStage('a browser that cannot read what the service asks of a passkey offers none', async (t, stage) => {
	const { service, open, context } = stage;
	await service.add('ada', clerkPassword);
	await context.addInitScript('delete PublicKeyCredential.parseRequestOptionsFromJSON');
	const page = await open({ url: atLocalhost(service.url) });
	await page.getByRole('button', { name: 'Sign in', exact: true }).waitFor();
	t.is(await page.getByRole('button', { name: 'Sign in with a passkey' }).count(), 0);
});
