/** Where a key stands, for the operator who has to change it: `latchkey.yaml:3: `, or empty. */
export type PlaceOf = (path: readonly PropertyKey[]) => string;
