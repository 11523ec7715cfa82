import { createConnection } from '../client/connection.ts';
import { sessionV1 } from '../client/session-v1.ts';

/* The page's own connection to the service that it came from. */

export type { Awaited } from '../client/connection.ts';
export { NotProved, type ProofNeeded, Refused, SessionOver, Unreachable } from '../client/refused.ts';

export const connection = createConnection();
export const { ask, askInSession, findSession, provesBy } = connection;
/** What every page does with a session. */
export const session = sessionV1(connection);
