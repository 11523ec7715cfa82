import { createQueryLogin, type QueryLogin, queryNames } from '../dialect/kismet/query-login.ts';
import { extAuthzPath, forwardAuthPath } from '../gateway/forward-auth.ts';
import { createStripQuery } from '../gateway/strip-query.ts';
import type { Origins } from '../http/request/origins.ts';

/** Kismet's logins in a query: for our own proxy. Where others ask, it could not be taken out of what they pass on. */
export function queryLoginOf(origins: Origins): QueryLogin {
	return createQueryLogin({
		stripQuery: createStripQuery(queryNames),
		isLeft: (path) => path === forwardAuthPath || path.startsWith(`${extAuthzPath}/`),
		origins,
	});
}
