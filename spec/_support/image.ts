import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** What the Dockerfile makes of the last stage: enough to start its command without an engine. */
export interface Image {
	readonly environment: Readonly<Record<string, string>>;
	readonly labels: Readonly<Record<string, string>>;
	readonly user: string;
	readonly folder: string;
	readonly healthcheck: readonly string[];
	readonly command: readonly string[];
	/** All instructions of all stages: `['COPY', 'src src']`. */
	readonly instructions: readonly (readonly [name: string, words: string])[];
}

export function readImage(root: string): Image {
	const text = readFileSync(join(root, 'Dockerfile'), 'utf8')
		.replace(/^#.*\n/gm, '')
		.replace(/\\\n\s*/g, ' ');
	const instructions = text
		.split('\n')
		.filter((line) => line.trim() !== '')
		.map((line): [string, string] => [line.split(' ', 1)[0] ?? '', line.slice(line.indexOf(' ') + 1)]);
	const stage = instructions.slice(instructions.findLastIndex(([name]) => name === 'FROM'));
	const all = (name: string) => stage.filter(([each]) => each === name).map(([, words]) => words);
	const pairs = (name: string) =>
		Object.fromEntries(
			all(name).flatMap((words) =>
				[...words.matchAll(/([\w.]+)=("[^"]*"|\S+)/g)].map(([, key = '', value = '']) => [
					key,
					value.replaceAll('"', ''),
				]),
			),
		);
	const list = (name: string): string[] => JSON.parse(/\[.*\]$/.exec(all(name).at(-1) ?? '')?.[0] ?? '[]');
	return {
		environment: pairs('ENV'),
		labels: pairs('LABEL'),
		user: all('USER').at(-1) ?? 'root',
		folder: all('WORKDIR').at(-1) ?? '/',
		healthcheck: list('HEALTHCHECK'),
		command: [...list('ENTRYPOINT'), ...list('CMD')],
		instructions,
	};
}
