import { onStage } from './on-stage.ts';
import { adminPassword } from './scenes.ts';

/** What no screen may do; each must be seen by whoever watches the stage. */
const offences = [
	{
		says: 'a script in the page',
		does: `document.body.append(Object.assign(document.createElement('script'), { text: '1' }))`,
	},
	{ says: 'a style in the page', does: `document.body.setAttribute('style', 'color: red')` },
	{ says: 'another host', does: `fetch('http://127.0.0.2:9/').catch(() => undefined)` },
	{ says: 'a script that fails', does: `setTimeout(() => { throw new Error('on purpose') })` },
];

for (const { says, does } of offences) {
	onStage(`whoever watches the stage sees ${says}`, async (t, { open, page, service, offences: seen }) => {
		await service.add('admin', adminPassword);
		await open();
		await page.evaluate(`void (${does})`);
		for (let patience = 1000; seen.length === 0 && patience > 0; patience -= 1) await page.waitForTimeout(20);
		await page.close();
		t.not(seen.splice(0).length, 0);
	});
}
