import { ConfigError } from '../config/read.ts';
import type { Config } from '../config/schema.ts';
import type { Place } from '../gateway/applications.ts';
import { parseHostPattern } from '../gateway/host.ts';
import { canonicalPath } from '../gateway/path.ts';
import { type IconFile, readIcon } from './icons.ts';
import type { PlaceOf } from './place-of.ts';

/** Where the entries of `resources` would be opened, and their pictures by the names that they are served by. */
export interface Places {
	readonly places: readonly Place[];
	readonly icons: ReadonlyMap<string, IconFile>;
}

/**
 * Of entries that name a host or a path: what holds for everything is no application. Throws a `ConfigError` with the
 * pictures that cannot be read.
 */
export function placesOf({ resources }: Config, placeOf: PlaceOf): Places {
	const lines: string[] = [];
	const icons = new Map<string, IconFile>();
	function iconOf(entry: number, file: string | undefined): string | undefined {
		if (file === undefined) return undefined;
		try {
			const icon = readIcon(file);
			icons.set(icon.name, icon);
			return icon.name;
		} catch (fault) {
			lines.push(
				`${placeOf(['resources', entry, 'icon'])}resources.${entry}.icon: ${file}: ${(fault as Error).message}`,
			);
			return undefined;
		}
	}
	const places = resources.flatMap((resource, entry): Place[] => {
		const named = resource.path ?? resource.paths?.[0];
		const hosts = resource.hosts?.flatMap((text) => parseHostPattern(text) ?? []);
		const icon = iconOf(entry, resource.icon);
		const path = canonicalPath(named ?? '/');
		const isEverything = named === undefined && (hosts === undefined || hosts.every((host) => host === '*'));
		return path === undefined || isEverything ? [] : [{ entry, hosts, path, title: resource.title, icon }];
	});
	if (lines.length > 0) throw new ConfigError(lines);
	return { places, icons };
}
