import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Of the package: the same folder above the sources and above what is built of them. */
export function versionOfPackage(): string {
	const { version } = JSON.parse(readFileSync(join(import.meta.dirname, '../../package.json'), 'utf8'));
	return version;
}
