import test from 'ava';
import { createStandstill } from '../../../src/http/server/standstill.ts';

/** A connection as the watch sees it. */
function connection({ isPaused = true } = {}) {
	const socket = {
		bytesRead: 100,
		bytesWritten: 0,
		isEnded: false,
		isPaused: () => isPaused,
		destroy() {
			socket.isEnded = true;
			return socket as never;
		},
	};
	return socket;
}

const often = Array.from({ length: 100 });

test('a connection that is not read, and on which nothing moves, is ended', (t) => {
	const { add, look } = createStandstill();
	const socket = connection();
	add(socket);
	for (const _ of often.slice(0, 6)) look();
	t.false(socket.isEnded);
	look();
	t.true(socket.isEnded);
});

for (const way of ['bytesRead', 'bytesWritten'] as const) {
	test(`a slow one is not, as long as something moves: ${way}`, (t) => {
		const { add, look } = createStandstill();
		const socket = connection();
		add(socket);
		for (const _ of often) {
			for (const __ of often.slice(0, 5)) look();
			socket[way] += 1;
		}
		t.false(socket.isEnded);
	});
}

test('a silent one is not, as long as it is read', (t) => {
	const { add, look } = createStandstill();
	const socket = connection({ isPaused: false });
	add(socket);
	for (const _ of often) look();
	t.false(socket.isEnded);
});

test('a closed one is looked at no longer', (t) => {
	const { add, remove, look } = createStandstill();
	const socket = connection();
	add(socket);
	remove(socket);
	for (const _ of often) look();
	t.false(socket.isEnded);
});
