import { accentsOf } from '../config/accent.ts';
import { ConfigError } from '../config/read.ts';
import type { Config } from '../config/schema.ts';
import { createLook, type Look } from '../http/response/look.ts';
import { type Brand, brandFiles } from '../pages/branding.ts';
import { type Logo, readLogo } from './logo.ts';
import type { PlaceOf } from './place-of.ts';

/** Config: `portal.title`, `logo`, `accent`, `help`. */
export interface Branding {
	/** Of the console. */
	readonly brand: Brand;
	/** Of the pages for people. */
	readonly look: Look;
}

/** Throws a `ConfigError` where the logo cannot be used. */
export function brandingOf({ portal }: Config, placeOf: PlaceOf = () => ''): Branding {
	const { title, logo: file, accent, help } = portal;
	const logo = file === undefined ? undefined : logoOf(file, placeOf);
	const accents = accent === undefined ? undefined : accentsOf(typeof accent === 'string' ? { light: accent } : accent);
	return {
		brand: { title, help: typeof help === 'string' ? { text: help } : help, ...brandFiles({ logo, accents }) },
		look: createLook({ title, logo, accents }),
	};
}

function logoOf(file: string, placeOf: PlaceOf): Logo {
	try {
		return readLogo(file);
	} catch (fault) {
		throw new ConfigError([`${placeOf(['portal', 'logo'])}portal.logo: ${file}: ${(fault as Error).message}`]);
	}
}

/** What others call the service: apps with codes, and authenticators with passkeys. `undefined`: nobody says it. */
export function givenNameOf({ secondFactor, portal }: Config): string | undefined {
	return secondFactor.issuer ?? portal.title;
}
