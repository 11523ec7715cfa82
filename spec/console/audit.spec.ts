import { readFile } from 'node:fs/promises';
import type { AuditEvent } from '../../src/core/audit.ts';
import type { IdentityName } from '../../src/core/identity.ts';
import { foundByAxe } from './axe.ts';
import { onStage } from './on-stage.ts';
import { adminPassword, signIn } from './scenes.ts';

onStage('an administrator searches the audit, turns its pages, and takes it along', async (t, stage) => {
	const { service, open, page, clock } = stage;
	await service.add('admin', adminPassword, { permissions: ['kura.admin'] });
	const write = (event: Partial<AuditEvent>) =>
		service.service.core.audit.write({ act: 'token-refresh', outcome: 'ok', ...event } as AuditEvent);
	for (let count = 0; count < 120; count += 1) write({ identity: `robot-${count}` as IdentityName });
	const grace = 'grace' as IdentityName;
	write({ act: 'login', outcome: 'refused', reason: 'bad-credentials', identity: grace, address: '203.0.113.7' });
	clock.wind(1000);
	await open();
	await signIn(page, 'admin', adminPassword);
	await page.getByRole('heading', { name: 'My sessions' }).waitFor();
	await page.getByRole('link', { name: 'Audit' }).click();
	const found = page.getByRole('region', { name: 'Lines found' });
	const rows = found.getByRole('listitem');
	await rows.first().filter({ hasText: 'login' }).filter({ hasText: 'admin' }).waitFor();
	t.is(await rows.count(), 100);
	t.deepEqual(await foundByAxe(page), []);
	const box = (label: string) => page.getByLabel(label, { exact: true }).boundingBox();
	const [from, until] = [await box('From'), await box('Until')];
	t.true(from!.x + from!.width < until!.x && from!.y === until!.y, 'moments find room beside each other');

	await page.getByRole('button', { name: 'Next page' }).click();
	await page.getByText('Page 2').waitFor();
	await rows.last().filter({ hasText: 'identity-add' }).filter({ hasText: 'by an operator' }).waitFor();
	await page.getByRole('button', { name: 'Previous page' }).click();
	await rows.first().filter({ hasText: 'login' }).waitFor();

	await page.getByLabel('Person').fill('grace');
	await page.getByLabel('Outcome').selectOption('Refused');
	await page.getByLabel('Address').fill('203.0.113.*');
	await page.getByRole('button', { name: 'Search' }).click();
	await rows.first().filter({ hasText: 'Refused: bad-credentials' }).waitFor();
	t.is(await rows.count(), 1);
	const reads = () => service.audit().filter(({ act }) => act === 'audit-read').length;
	t.is(reads(), 2, 'once for each search, and not for each page');

	for (const [format, starts] of [
		['CSV', 'time,act,'],
		['NDJSON', '{"at":"'],
	] as const) {
		const saved = page.waitForEvent('download');
		await page.getByRole('button', { name: `Export as ${format}`, exact: true }).click();
		const text = await readFile(await (await saved).path(), 'utf8');
		t.true(text.startsWith(starts));
		t.true(text.includes('203.0.113.7') && !text.includes('robot'));
	}

	await page.getByLabel('Address').fill('<script>');
	await page.getByRole('button', { name: 'Search' }).click();
	await page.getByRole('alert').filter({ hasText: 'address' }).waitFor();
});
