/** Types that packages extend by declaration merging: passed on whole by the entry `@ferrite/core/module`, which that needs. */

/**
 * What features offer to others, by name: a feature adds itself, so that those that require it find it with its type.
 *
 *     declare module '@ferrite/core/module' {
 *       interface FeatureApis { greeter: GreeterApi }
 *     }
 */
// biome-ignore lint/suspicious/noEmptyInterface: features extend it.
export interface FeatureApis {}

/**
 * Commands of features as functions, by name: what a client gives, and what the reply is. `typedCalls` has them.
 *
 *     declare module '@ferrite/core/module' {
 *       interface FeatureCommands { 'greeter.greet': (name: string) => string }
 *     }
 */
// biome-ignore lint/suspicious/noEmptyInterface: features extend it.
export interface FeatureCommands {}
