import { run } from './cli/commands.ts';

process.exitCode = await run(process.argv.slice(2));
// Connections to a store that is away may still be tried: they are nobody's any more.
setTimeout(() => process.exit(), 500).unref();
