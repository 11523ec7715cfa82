import type { ChildProcess } from 'node:child_process';
import { spawnSync } from 'node:child_process';
import { hasProgram, start } from './server.ts';

/** A machine of its own, as far as the network goes: a network namespace that stands on one bridge with the others and with us. */
export interface Host {
	readonly ip: string;
	/** Starts a program there, that is killed with us at the latest. */
	start(program: string, args: readonly string[]): ChildProcess;
	/** From now on nothing goes between it and the other hosts; we reach it as before. */
	partFromOthers(): void;
	/** From now on nothing goes between it and anybody. */
	unplug(): void;
	mend(): void;
}

export interface Hosts {
	readonly all: readonly Host[];
	close(): void;
}

function ip(...words: string[]) {
	const { status, stderr } = spawnSync('ip', words, { encoding: 'utf8' });
	if (status !== 0) throw new Error(`ip ${words.join(' ')}: ${stderr}`);
}

/** Why there can be no hosts here; `undefined` where there can. */
export const noHosts = whyNoHosts();

function whyNoHosts(): string | undefined {
	if (!hasProgram('ip')) return 'ip (iproute2) is not installed';
	const name = `lkh${process.pid}`;
	try {
		ip('netns', 'add', name);
		ip('netns', 'del', name);
		return undefined;
	} catch (cause) {
		return `no network namespaces: ${(cause as Error).message.trim()}`;
	}
}

/** `count` of them, in a network 10.X.Y.0/24 that follows from our process ID, with us at .254. */
export function openHosts(count: number): Hosts {
	const { pid } = process;
	const net = `10.${128 + ((pid >> 8) & 63)}.${pid & 255}`;
	const bridge = `lkb${pid}`;
	const names = Array.from({ length: count }, (_, number) => `lk${pid}-${number + 1}`);
	const plugs = Array.from({ length: count }, (_, number) => `lk${pid}v${number + 1}`);
	const ips = names.map((_, number) => `${net}.${number + 1}`);
	ip('link', 'add', bridge, 'type', 'bridge');
	ip('addr', 'add', `${net}.254/24`, 'dev', bridge);
	ip('link', 'set', bridge, 'up');
	const all = names.map((name, number): Host => {
		const own = ips[number] ?? '';
		const plug = plugs[number] ?? '';
		ip('netns', 'add', name);
		ip('link', 'add', plug, 'type', 'veth', 'peer', 'name', 'eth0', 'netns', name);
		ip('link', 'set', plug, 'master', bridge, 'up');
		ip('-n', name, 'addr', 'add', `${own}/24`, 'dev', 'eth0');
		for (const device of ['lo', 'eth0']) ip('-n', name, 'link', 'set', device, 'up');
		const others = ips.filter((each) => each !== own);
		let parted = false;
		return {
			ip: own,
			start: (program, args) => start('ip', ['netns', 'exec', name, program, ...args]),
			partFromOthers() {
				for (const other of others) ip('-n', name, 'route', 'add', 'blackhole', `${other}/32`);
				parted = true;
			},
			unplug: () => ip('link', 'set', plug, 'down'),
			mend() {
				if (parted) for (const other of others) ip('-n', name, 'route', 'del', 'blackhole', `${other}/32`);
				parted = false;
				ip('link', 'set', plug, 'up');
			},
		};
	});
	const close = () => {
		process.off('exit', close);
		// A namespace goes with its last process; its end of the line goes at once.
		for (const plug of plugs) spawnSync('ip', ['link', 'del', plug]);
		for (const name of names) spawnSync('ip', ['netns', 'del', name]);
		spawnSync('ip', ['link', 'del', bridge]);
	};
	process.once('exit', close);
	return { all, close };
}
