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
