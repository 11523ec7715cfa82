import type { Language } from '../../http/response/languages.ts';
import { de } from './de.ts';
import { en } from './en.ts';
import { es } from './es.ts';
import { fr } from './fr.ts';
import { it } from './it.ts';
import { ja } from './ja.ts';
import type { PageWords } from './words.ts';

export const pageWords: Readonly<Record<Language, PageWords>> = { en, de, it, fr, es, ja };
