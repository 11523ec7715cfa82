import { watchSession as watch } from '../client/watch.ts';
import { connection } from './api.ts';

export type { Liveness, Watch } from '../client/watch.ts';

export const watchSession = watch.bind(undefined, connection);
