import { onStage } from './on-stage.ts';
import { adminPassword, atFocus, clerkPassword, signIn } from './scenes.ts';

/* Why a request passes or not, for administrators in the console. */

const settings = {
	resources: [
		{
			hosts: ['wiki.example.org'],
			path: '/admin',
			permission: 'wiki.admin',
			xsrf: 'unsafe',
			upstream: 'http://127.0.0.1:1',
		},
	],
};

onStage(
	'an administrator asks by keyboard alone, and is told rule, verdict and what is missing',
	async (t, { service, open }) => {
		await service.add('admin', adminPassword, { permissions: ['kura.admin'] });
		await service.add('ada', clerkPassword);
		const robot = await service.add('robot', undefined, { permissions: ['wiki.admin'] });
		const wanted = { name: 'nightly build', permissions: [], expiresInMs: 60_000, endsWithPassword: false };
		await service.service.core.apiTokens.add(robot, wanted, { actor: 'operator' });
		const page = await open({ path: '/#/explain' });
		await signIn(page, 'admin', adminPassword);
		await page.getByRole('heading', { name: 'Explain access' }).waitFor();
		t.is(await atFocus(page, 'Explain access'), 'Explain access', 'the page begins at its heading');
		await page.keyboard.press('Tab');
		t.is(
			await page.evaluate('document.activeElement.tagName + document.activeElement.labels[0].textContent'),
			'SELECTMethod',
		);
		await page.keyboard.press('Tab');
		await page.keyboard.type('https://wiki.example.org/admin');
		await page.keyboard.press('Tab');
		await page.keyboard.type('ada');
		await page.keyboard.press('Enter');
		const told = page.getByRole('region', { name: 'Explanation' });
		await told.waitFor();
		const text = await told.innerText();
		t.regex(text, /Not let through\s+ada lacks wiki\.admin\./);
		t.regex(text, /Rule\s+1, .*latchkey\.yaml:1\s+wiki\.example\.org · \/admin · for wiki\.admin/);
		t.regex(text, /A page gets\s+403: The permission wiki\.admin is needed/);
		t.regex(text, /Missing\s+The permission wiki\.admin/);

		// Nobody: led to the sign-in page.
		await page.getByLabel('Who asks').fill('');
		await page.getByRole('button', { name: 'Explain' }).click();
		await page.getByText('Nobody is signed in.').waitFor();
		t.regex(await told.innerText(), /A page gets\s+302, to https:\/\/wiki\.example\.org\/\?return=/);

		await page.getByLabel('Who asks').fill('admin');
		await page.getByRole('button', { name: 'Explain' }).click();
		await page.getByText('Let through', { exact: true }).waitFor();
		t.regex(await told.innerText(), /A script gets\s+What http:\/\/127\.0\.0\.1:1 answers/);

		// With a token of an identity that has some.
		t.is(await page.getByLabel('Shows').count(), 0);
		await page.getByLabel('Who asks').fill('robot');
		await page.getByLabel('Shows').selectOption({ index: 1 });
		await page.getByRole('button', { name: 'Explain' }).click();
		await page.getByText(/^The token \w{12} of robot lacks wiki\.admin\.$/).waitFor();
		const byToken = await told.innerText();
		t.regex(byToken, /A program gets\s+403: The permission wiki\.admin is needed/);
		t.regex(byToken, /Missing\s+The permission wiki\.admin in the token/);
		await page.getByLabel('Who asks').fill('admin');
		await page.getByLabel('Shows').waitFor({ state: 'detached' });
		await page.getByRole('button', { name: 'Explain' }).click();
		await page.getByText('Let through', { exact: true }).waitFor();

		// What is no question leaves no old answer behind.
		await page.getByLabel('Address').fill('wiki.example.org');
		await page.getByRole('button', { name: 'Explain' }).click();
		await page.getByRole('alert').filter({ hasText: 'url: must be http://HOST/PATH or https://HOST/PATH.' }).waitFor();
		t.is(await told.count(), 0);
	},
	settings,
);

onStage('who is no administrator is not offered it', async (t, { service, open }) => {
	await service.add('ada', clerkPassword);
	const page = await open({ path: '/#/explain' });
	await signIn(page, 'ada', clerkPassword);
	await page.getByRole('heading', { name: 'My sessions' }).waitFor();
	t.is(await page.getByRole('link', { name: 'Access' }).count(), 0);
});
