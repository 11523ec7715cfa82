/*
 * redis://[[user]:password@]host[:port][/database]                     one server
 * redis+sentinel://[[user]:password@]host[:port],…/name[/database]     the master that Sentinels know by a name
 * redis+cluster://[[user]:password@]host[:port],…                      a Cluster
 * With `rediss` in place of `redis` over TLS. Name and password are those of the servers; those of Sentinels, where they ask
 * for any, stand behind the address: `?sentinelUsername=…&sentinelPassword=…`.
 */

export interface Node {
	readonly host: string;
	readonly port: number;
}

export interface Access {
	readonly username?: string;
	readonly password?: string;
}

export interface RedisAddress extends Access {
	readonly kind: 'server' | 'sentinel' | 'cluster';
	readonly tls: boolean;
	readonly nodes: readonly [Node, ...Node[]];
	readonly database: number;
	/** What Sentinels call the master. */
	readonly master: string;
	/** Of Sentinels themselves. */
	readonly sentinel: Access;
}

const shape = /^redis(s?)(?:\+(sentinel|cluster))?:\/\/(?:([^@/]*)@)?([^/?#]+)(?:\/([^?#]*))?(?:\?(.*))?$/s;

export function parseRedisAddress(text: string): RedisAddress {
	const [, s, kind, credentials = '', hosts = '', path = '', query = ''] = shape.exec(text) ?? [];
	const usual = kind === 'sentinel' ? 26_379 : 6379;
	const [first, ...others] = hosts.split(',').map((host) => parseNode(host, usual));
	if (first === undefined) throw new Error('the address of Redis is none');
	const [username = '', password = ''] = credentials.split(/:(.*)/s).map(decodeURIComponent);
	const [master = '', database = ''] = kind === undefined ? ['', path] : path.split('/');
	const said = new Map(
		query.split('&').map((part) => part.split(/=(.*)/s).map(decodeURIComponent) as [string, string]),
	);
	return {
		kind: (kind ?? 'server') as RedisAddress['kind'],
		tls: s === 's',
		nodes: [first, ...others],
		...accessOf(username, password),
		database: kind === 'cluster' ? 0 : Number(database || 0),
		master: kind === 'sentinel' ? master || 'mymaster' : '',
		sentinel: accessOf(said.get('sentinelUsername'), said.get('sentinelPassword')),
	};
}

function accessOf(username = '', password = ''): Access {
	return { ...(username !== '' && { username }), ...(password !== '' && { password }) };
}

function parseNode(text: string, usual: number): Node {
	const { hostname, port } = new URL(`tcp://${text}`);
	return { host: hostname.replace(/^\[|\]$/g, ''), port: port === '' ? usual : Number(port) };
}
