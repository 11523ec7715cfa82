/** What our own paths take, and what stands behind us without being asked. Others of HTTP pass only where a rule names them. */
export const commonMethods: ReadonlySet<string> = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']);

/** TRACE sends a request back, credentials and all; CONNECT asks for a tunnel. */
export const neverTaken: ReadonlySet<string> = new Set(['TRACE', 'CONNECT']);
