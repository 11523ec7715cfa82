/** Version, trace, parent, flags, and what a later version adds. */
const traceparent = /^([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-[0-9a-f]{2}(-.*)?$/;
const isZero = /^0+$/;

/** The id of the trace that a `traceparent` names. `undefined`: it names none. Rule: W3C Trace Context, 3.2 and 4.3. */
export function traceIdIn(header: string | string[] | undefined): string | undefined {
	if (typeof header !== 'string') return undefined;
	const [, version, traceId = '', parentId = '', added] = traceparent.exec(header) ?? [];
	if (version === undefined || version === 'ff' || (version === '00' && added !== undefined)) return undefined;
	return isZero.test(traceId) || isZero.test(parentId) ? undefined : traceId;
}
