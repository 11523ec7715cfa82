import usual from '../ava.config.mjs';

/** `npm run test:package`: builds, packs, installs, makes clients, and follows the documents and the image to the letter. */
export default { ...usual, files: ['spec/**/*.package.ts'] };
