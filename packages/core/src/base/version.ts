/** The versions that a server tells: the one of redis that it is meant to be taken for, and its own. */

export const REDIS_VERSION = '7.2.4';
/** As in this package's `package.json`. */
export const FERRITE_VERSION = '0.0.0';
