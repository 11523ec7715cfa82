import { kismet } from './kismet.ts';
import { kura } from './kura.ts';
import type { Preset } from './preset.ts';

export const presets = { kismet, kura } satisfies Record<string, Preset>;
