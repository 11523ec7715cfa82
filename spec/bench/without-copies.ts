// Preloaded (`--import`): Latchkey as it would be, did it keep nothing of what stands in stores on other machines.
import { registerHooks } from 'node:module';

const keepsNothing = `export function createCopies() {
	const counts = { hits: 0, misses: 0, outdated: 0, dropped: 0 };
	return {
		counts,
		get: () => undefined,
		read(key, ask) { counts.misses += 1; return ask(); },
		outdate() {},
		outdateAll() {},
	};
}`;

let isReplaced = false;
registerHooks({
	load(url, context, next) {
		if (!url.endsWith('/store/remote/cache.js')) return next(url, context);
		isReplaced = true;
		return { format: 'module', source: keepsNothing, shortCircuit: true };
	},
});

// Were the module to move, the bench would compare something with itself.
setTimeout(() => {
	if (!isReplaced) throw new Error('store/remote/cache.js was not loaded: nothing was taken out');
}, 10_000).unref();
