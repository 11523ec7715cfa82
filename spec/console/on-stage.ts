import test, { type ExecutionContext } from 'ava';
import type { Settings } from '../_support/service.ts';
import { closeBrowser, noBrowser, type Setting, type Stage, setStage } from './stage.ts';

type Act = (t: ExecutionContext, stage: Stage) => Promise<void>;

/**
 * A test before a browser, with a service of these settings or a stage set otherwise. One after the other: they share
 * two cores with everybody else.
 */
export function onStage(title: string, act: Act, given: Settings | (() => Promise<Setting>) = {}): void {
	if (noBrowser !== undefined) {
		test.skip(`${title}: ${noBrowser}`, () => undefined);
		return;
	}
	test.serial(title, async (t) => {
		const stage = await setStage(typeof given === 'function' ? await given() : { settings: given });
		t.teardown(() => stage.close());
		await act(t, stage);
		t.deepEqual(stage.offences, []);
	});
}

test.after.always(closeBrowser);
