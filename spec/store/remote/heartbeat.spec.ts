import { setTimeout as sleep } from 'node:timers/promises';
import test from 'ava';
import { freshMs, startHeartbeat } from '../../../src/store/remote/heartbeat.ts';

test.serial('a connection that answers is fresh, and asked again and again', async (t) => {
	let asked = 0;
	const heartbeat = startHeartbeat(
		async () => {
			asked += 1;
		},
		() => t.fail(),
	);
	while (asked < 3 || heartbeat.ageMs() >= freshMs) await sleep(20);
	heartbeat.stop();
	const before = asked;
	await sleep(500);
	t.is(asked, before);
});

test.serial('a connection that stays silent is dead, which is told once', async (t) => {
	// A heartbeat alone keeps no process alive.
	const alive = setInterval(() => undefined, 1000);
	const silent = () => new Promise(() => undefined);
	let died = 0;
	await new Promise<void>((resolve) => {
		const heartbeat = startHeartbeat(silent, () => {
			died += 1;
			resolve();
		});
		t.is(heartbeat.ageMs(), Number.POSITIVE_INFINITY);
	});
	await sleep(800);
	clearInterval(alive);
	t.is(died, 1);
});

test.serial('a connection that fails is dead at once', async (t) => {
	const fault = new Error('gone');
	const cause = await new Promise((resolve) => startHeartbeat(() => Promise.reject(fault), resolve));
	t.is(cause, fault);
});

test.serial('a pause of this process is not taken for the silence of another', async (t) => {
	let died = false;
	const heartbeat = startHeartbeat(
		() => sleep(50),
		() => {
			died = true;
		},
	);
	const until = performance.now() + 1200;
	while (performance.now() < until);
	t.true(heartbeat.ageMs() > freshMs, 'but what is kept is not relied on after it');
	while (heartbeat.ageMs() >= freshMs) await sleep(20);
	t.false(died);
	heartbeat.stop();
});
