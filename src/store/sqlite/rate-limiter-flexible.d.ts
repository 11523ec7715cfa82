/** The package describes this class, and keeps it in a file of its own. */
declare module 'rate-limiter-flexible/lib/RateLimiterStoreAbstract.js' {
	import { RateLimiterStoreAbstract } from 'rate-limiter-flexible';

	export = RateLimiterStoreAbstract;
}
