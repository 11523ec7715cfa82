import usual from '../ava.config.mjs';

/** `npm run test:long`: what takes minutes. One file at a time, since some of them measure. `LONG=short` for a taste. */
export default { ...usual, files: ['spec/**/*.long.ts'], timeout: '30m', concurrency: 1 };
