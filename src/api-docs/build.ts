/*
 * Makes the page of the API, and the contract as JSON: `node src/api-docs/build.ts [FOLDER]`, by default into `dist/docs`.
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import type { OpenApi } from './document.ts';
import { pageOf } from './page.ts';

const root = join(import.meta.dirname, '../..');
const folder = process.argv[2] ?? join(root, 'dist/docs');
const document = parse(readFileSync(join(root, 'openapi.yaml'), 'utf8')) as OpenApi;

mkdirSync(folder, { recursive: true });
writeFileSync(join(folder, 'openapi.json'), JSON.stringify(document));
writeFileSync(join(folder, 'index.html'), pageOf(document));
