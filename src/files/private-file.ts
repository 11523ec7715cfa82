import { statSync } from 'node:fs';

/**
 * Throws where a file with a secret can be read by others. A secret is for its owner. A group may read it where the file is
 * root's and the service is in that group: so Debian (`ssl-cert`) and Kubernetes (`fsGroup`) hand it out. On Windows the mode
 * says nothing. `what`: `private key`.
 */
export function refuseOpenFile(what: string, file: string): void {
	if (process.platform === 'win32') return;
	const stat = statSync(file);
	if (isForService(stat, [process.getegid?.() ?? -1, ...(process.getgroups?.() ?? [])])) return;
	const octal = (stat.mode & 0o777).toString(8).padStart(4, '0');
	throw new Error(`the ${what} ${file} is open to others (mode ${octal}): chmod 600 ${file}`);
}

/** Whether nobody may use a file but its owner, and a group of the service's own that root let in to read. */
export function isForService(
	{ mode, uid, gid }: { readonly mode: number; readonly uid: number; readonly gid: number },
	groups: readonly number[],
): boolean {
	return (mode & 0o077) === 0 || ((mode & 0o037) === 0 && uid === 0 && groups.includes(gid));
}
