/** What has become of settings that former versions had: told to whoever still writes them. */
export const formerKeys: ReadonlyMap<string, string> = new Map([
	['metrics.enabled', 'is gone: metrics have a listener of their own, where metrics.port is set'],
	['metrics.allow', 'is gone: metrics have a listener of their own, metrics.host and metrics.port'],
]);
