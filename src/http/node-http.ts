/*
 * Node's own http, of which only types may be imported: `import … from 'node:http'` reads every export there is, and for one of
 * them, `WebSocket`, Node loads all of undici. A start would take as long again as Node's own.
 */

export const http = process.getBuiltinModule('node:http');

/** Loaded where something is encrypted. */
export const https = () => process.getBuiltinModule('node:https');
