/** Where Kura Session V1 stands, and what of ours stands beside it. */
export const base = '/services/session/v1';
