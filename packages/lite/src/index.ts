/**
 * Ferrite embedded: the engine and its library door, without protocol, server or feature packages.
 *
 * A distribution is a list of what it holds, and this one holds the core alone. Programs import only from here.
 */
export * from '@ferrite/core';
