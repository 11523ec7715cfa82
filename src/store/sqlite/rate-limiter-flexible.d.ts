/* The package describes these classes, and keeps each in a file of its own; its index loads two dozen limiters more. */

declare module 'rate-limiter-flexible/lib/RateLimiterRes.js' {
	import { RateLimiterRes } from 'rate-limiter-flexible';

	export = RateLimiterRes;
}

declare module 'rate-limiter-flexible/lib/RateLimiterStoreAbstract.js' {
	import { RateLimiterStoreAbstract } from 'rate-limiter-flexible';

	export = RateLimiterStoreAbstract;
}
