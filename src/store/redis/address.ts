/*
 * redis://[[user]:password@]host[:port][/database]          one server
 * redis+sentinel://[[user]:password@]host[:port],…/name     the master that Sentinels know by a name
 * redis+cluster://[[user]:password@]host[:port],…           a Cluster
 * With `rediss` in place of `redis` over TLS. Name and password are those of the servers, Sentinels are asked without.
 */

export interface Node {
	readonly host: string;
	readonly port: number;
}

export interface RedisAddress {
	readonly kind: 'server' | 'sentinel' | 'cluster';
	readonly tls: boolean;
	readonly nodes: readonly [Node, ...Node[]];
	readonly username?: string;
	readonly password?: string;
	readonly database: number;
	/** What Sentinels call the master. */
	readonly master: string;
}

const shape = /^redis(s?)(?:\+(sentinel|cluster))?:\/\/(?:([^@/]*)@)?([^/?#]+)(?:\/([^?#]*))?$/;

export function parseRedisAddress(text: string): RedisAddress {
	const [, s, kind, credentials = '', hosts = '', path = ''] = shape.exec(text) ?? [];
	const usual = kind === 'sentinel' ? 26_379 : 6379;
	const [first, ...others] = hosts.split(',').map((host) => parseNode(host, usual));
	if (first === undefined) throw new Error('the address of Redis is none');
	const [username = '', password = ''] = credentials.split(/:(.*)/s).map(decodeURIComponent);
	return {
		kind: (kind ?? 'server') as RedisAddress['kind'],
		tls: s === 's',
		nodes: [first, ...others],
		...(username !== '' && { username }),
		...(password !== '' && { password }),
		database: kind === undefined ? Number(path || 0) : 0,
		master: kind === 'sentinel' ? path || 'mymaster' : '',
	};
}

function parseNode(text: string, usual: number): Node {
	const { hostname, port } = new URL(`tcp://${text}`);
	return { host: hostname.replace(/^\[|\]$/g, ''), port: port === '' ? usual : Number(port) };
}
