declare const brand: unique symbol;

/** A `T` that was checked or made at one place, and cannot be mistaken for another `T`. */
export type Brand<T, Name extends string> = T & { readonly [brand]: Name };
