import { accessSync, constants, type Stats, statfsSync, statSync } from 'node:fs';
import { dirname } from 'node:path';

/** File systems of the kernel, in which nobody makes folders, whatever their modes say: proc and sysfs. */
const kernels = new Set([0x9fa0, 0x62656572]);

/** Throws where a file could not be written, nor made with the folders above it. Makes nothing. */
export function examineFile(path: string): void {
	const found = find(path);
	if (found?.isDirectory()) throw new Error(`${path} is a folder`);
	if (found !== undefined) {
		accessSync(path, constants.W_OK);
		return;
	}
	let folder = dirname(path);
	while (find(folder) === undefined) folder = dirname(folder);
	if (!find(folder)?.isDirectory()) throw new Error(`${path} cannot be made: ${folder} is no folder`);
	if (kernels.has(statfsSync(folder).type)) throw new Error(`${path} cannot be made: ${folder} takes no folders`);
	accessSync(folder, constants.W_OK | constants.X_OK);
}

/** `undefined` below a plain file, too. */
function find(path: string): Stats | undefined {
	return statSync(path, { throwIfNoEntry: false });
}
