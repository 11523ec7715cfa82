import usual from '../ava.config.mjs';

/** `npm run test:long`: what takes minutes. One file at a time, since some of them measure. `LONG=short`: a taste, which judges no time. */
const measures = process.env.LONG !== 'short';

export default { ...usual, files: ['spec/**/*.long.ts'], timeout: '30m', ...(measures && { concurrency: 1 }) };
