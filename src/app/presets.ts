import type { Config } from '../config/schema.ts';
import type { PresetRule } from '../gateway/presets/preset.ts';
import { presets } from '../gateway/presets/presets.ts';

type Resource = Config['resources'][number];

/** An entry of `resources` as it stands there, or one of the rules that its preset stands for. */
export interface Expanded {
	/** Of the entry. */
	readonly at: number;
	/** As if it were written so. */
	readonly resource: Resource;
	/** What cannot be written. */
	readonly shapes?: boolean;
	readonly changes?: boolean | undefined;
	/** Of a preset: cookies that carry credentials of the system's own. */
	readonly cookies?: readonly string[];
}

/** `resources`, with the rules of each preset in its place. */
export function expandPresets(resources: readonly Resource[]): Expanded[] {
	return resources.flatMap((entry, at): Expanded[] => {
		const { preset: name, path = '', ...others } = entry;
		if (name === undefined) return [{ at, resource: entry }];
		const preset = presets[name];
		const stripQuery = [...preset.stripQuery, ...(entry.stripQuery ?? [])];
		const below = (text: string) => path.replace(/\/$/, '') + text;
		return preset.rules.map((row) => ({
			at,
			resource: {
				...others,
				...(row.paths ? { paths: row.paths.map(below) } : path !== '' && { path }),
				exact: row.hold === 'exact',
				...(row.suffixes && { suffixes: [...row.suffixes] }),
				...(row.methods && { methods: [...row.methods] }),
				...whoOf(row),
				xsrf: entry.xsrf ?? preset.xsrf,
				...(stripQuery.length > 0 && { stripQuery }),
			},
			shapes: row.hold === 'shapes',
			changes: row.changes,
			cookies: preset.cookies,
		}));
	});
}

function whoOf({ who }: PresetRule): Pick<Resource, 'access' | 'permissions' | 'permission'> {
	if (typeof who === 'string') return { access: who };
	const [first, ...more] = who;
	return more.length === 0 && first !== undefined ? { permission: first } : { permissions: { any: [...who] } };
}
