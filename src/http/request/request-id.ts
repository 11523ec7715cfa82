const bootId = Math.floor(Math.random() * 36 ** 6).toString(36);
let requests = 0;

/** Stands in the log, and on every answer that says no. */
export function newRequestId(): string {
	requests += 1;
	return `${bootId}-${requests.toString(36)}`;
}
