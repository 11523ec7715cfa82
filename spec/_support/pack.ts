import { execFile } from 'node:child_process';
import { cp, symlink } from 'node:fs/promises';
import { delimiter, dirname, join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
const root = join(import.meta.dirname, '../..');

/** npm itself may run under an older Node than ours. */
export const npmEnv = {
	...process.env,
	PATH: `${dirname(process.execPath)}${delimiter}${process.env.PATH}`,
	NO_COLOR: '1',
};

export interface Packed {
	readonly filename: string;
	readonly size: number;
	readonly unpackedSize: number;
	readonly files: readonly { readonly path: string; readonly size: number }[];
}

/** The package as npm gets it: built and packed from a copy of the project, into a folder. */
export async function packLatchkey(folder: string): Promise<Packed> {
	const copy = join(folder, 'copy');
	for (const part of ['package.json', 'src', 'openapi.yaml', 'tsconfig.json', '.ci', 'README.md', 'LICENSE']) {
		await cp(join(root, part), join(copy, part), { recursive: true });
	}
	await symlink(join(root, 'node_modules'), join(copy, 'node_modules'));
	const { stdout } = await run('npm', ['pack', '--json', '--loglevel=error', `--pack-destination=${folder}`], {
		cwd: copy,
		env: npmEnv,
	});
	const [packed] = JSON.parse(stdout.slice(stdout.indexOf('[\n'))) as [Packed];
	return packed;
}
