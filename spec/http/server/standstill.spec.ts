import test from 'ava';
import { createStandstill } from '../../../src/http/server/standstill.ts';

/** A connection as the watch sees it. */
function connection({ isPaused = true } = {}) {
	const socket = {
		bytesRead: 100,
		bytesWritten: 0,
		isEnded: false,
		remoteAddress: '192.0.2.1',
		isPaused: () => isPaused,
		destroy() {
			socket.isEnded = true;
			return socket as never;
		},
	};
	return socket;
}

const log = { debug() {}, info() {}, warn() {}, error() {} };

const often = Array.from({ length: 100 });

test('a connection that is not read, and on which nothing moves, is ended', (t) => {
	const told: object[] = [];
	const { add, look } = createStandstill({ ...log, info: (fields) => void told.push(fields) });
	const socket = connection();
	add(socket);
	for (const _ of often.slice(0, 6)) look();
	t.false(socket.isEnded);
	t.deepEqual(told, []);
	look();
	t.true(socket.isEnded);
	t.deepEqual(told, [{ address: '192.0.2.1' }]);
});

for (const way of ['bytesRead', 'bytesWritten'] as const) {
	test(`a slow one is not, as long as something moves: ${way}`, (t) => {
		const { add, look } = createStandstill(log);
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
	const { add, look } = createStandstill(log);
	const socket = connection({ isPaused: false });
	add(socket);
	for (const _ of often) look();
	t.false(socket.isEnded);
});

test('a closed one is looked at no longer', (t) => {
	const { add, remove, look } = createStandstill(log);
	const socket = connection();
	add(socket);
	remove(socket);
	for (const _ of often) look();
	t.false(socket.isEnded);
});
