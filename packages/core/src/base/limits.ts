/**
 * The limits that hold in every room, by name.
 *
 * A limit that only one file knows stands in that file; here are those that several must agree on.
 */

/** Longest key. Longer ones are refused with `FERRITE_INVALID_ARGUMENT`. */
export const KEY_SIZE_MAX_BYTES = 65_536;

/** Longest value, as in redis. */
export const VALUE_SIZE_MAX_BYTES = 512 * 1024 * 1024;

/** Largest single buffer, so that the engine also runs in the address space of a 32-bit process. */
export const BUFFER_SIZE_MAX_BYTES = 256 * 1024 * 1024;
