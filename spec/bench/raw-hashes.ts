// Hashes with the library alone, one after the other, for so many seconds: `node raw-hashes.ts SECONDS`. Prints how many a second.
import { hash, verify } from '@node-rs/argon2';
import { schema } from '../../src/config/schema.ts';

const seconds = Number(process.argv[2]);
const password = 'four brown bears';
const { memory, iterations, parallelism } = schema.parse({}).passwordHash;
const verifier = await hash(password, { memoryCost: memory, timeCost: iterations, parallelism });
const startedAt = performance.now();
let hashes = 0;
while (performance.now() - startedAt < seconds * 1000) {
	if (!(await verify(verifier, password))) throw new Error('the password is wrong');
	hashes += 1;
}
process.stdout.write(String((hashes * 1000) / (performance.now() - startedAt)));
