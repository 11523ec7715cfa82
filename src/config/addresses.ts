/* What a store or a range of addresses may be called, as far as it can be said without the store's own driver. */

export const addressRule =
	'cannot be read as an address: in names and passwords @ : / ? # and % are written %40 %3A %2F %3F %23 %25';
export const rangeRule = 'would believe everybody: name the addresses of the proxies';

export function isPostgresAddress(text: string): boolean {
	if (!/^postgres/.test(text)) return true;
	// Without a host it is a socket, which `?host=` names. Several have commas between them.
	const [, begin = '', hosts = '', rest = ''] = /^(\w+:\/\/(?:[^@/?]*@)?)([^/?]*)(.*)$/s.exec(text) ?? [];
	return hosts
		.split(',')
		.every((host, _, all) => isAddress(begin + (host || all.length > 1 ? host : 'localhost') + rest));
}

function isAddress(text: string): boolean {
	const url = URL.parse(text);
	return (
		url !== null &&
		url.hostname !== '' &&
		url.hash === '' &&
		[url.username, url.password, url.pathname].every(isPercentEncoded)
	);
}

/** What may stand behind the hosts: a database; the name of a master, with a database; nothing. */
const redisPaths = { server: /^\d*$/, sentinel: /^[\w.-]*(\/\d*)?$/, cluster: /^$/ };

/** One address, or several with commas between them. */
export function isRedisAddress(text: string): boolean {
	if (!/^redis/.test(text)) return true;
	const [, kind = 'server', credentials = '', hosts = '', path = '', query] =
		/^rediss?(?:\+(\w+))?:\/\/(?:([^@/]*)@)?([^/?#@]+)(?:\/([^?#]*))?(?:\?([^#]*))?$/.exec(text) ?? [];
	if (kind === 'server' && hosts.includes(',')) return false;
	if (!redisPaths[kind as keyof typeof redisPaths].test(path)) return false;
	const isOfSentinels = (part: string) => kind === 'sentinel' && /^sentinel(Username|Password)=[^=]+$/.test(part);
	if (query !== undefined && !query.split('&').every(isOfSentinels)) return false;
	return (
		isPercentEncoded(credentials + (query ?? '')) &&
		hosts.split(',').every((host) => /\S/.test(host) && URL.canParse(`tcp://${host}`))
	);
}

function isPercentEncoded(text: string): boolean {
	try {
		decodeURIComponent(text);
		return true;
	} catch {
		return false;
	}
}

export function isCidr(text: string): boolean {
	const [, address = '', bits] = /^([0-9a-fA-F.:]+)(?:\/(\d{1,3}))?$/.exec(text) ?? [];
	const isV6 = address.includes(':');
	if (!isV6 && !/^(\d{1,3}\.){3}\d{1,3}$/.test(address)) return false;
	if (!URL.canParse(isV6 ? `http://[${address}]/` : `http://${address}/`)) return false;
	return bits === undefined || Number(bits) <= (isV6 ? 128 : 32);
}

export function isNotEverybody(text: string): boolean {
	return !/\/0+$/.test(text);
}
