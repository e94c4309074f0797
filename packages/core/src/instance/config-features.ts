/**
 * Configuration keys of features as parameters of a `Config`: their texts have a character for each byte, as all of its.
 *
 * A key's alias may be a name of the core's tables that changes nothing by itself: the feature's key then takes its place.
 */
import { FerriteError } from '../base/errors.ts';
import { configName } from '../registry/config-key.ts';
import type { Feature } from '../registry/feature.ts';
import { ConfigError } from './config-kinds.ts';
import { FIXED, INERT, type Parameter, REREAD, SECRET, STAND_IN } from './config-parameter.ts';

export function featureParameters({ name, config, values }: Feature): Parameter[] {
  return Object.entries(config).map(
    ([key, { parse, format, default: initial, alias = '', fixed, rereads, secret }]) => ({
      name: configName(name, key),
      kind: {
        read: ([word]) => {
          try {
            return bytesText(format(parse(Buffer.from(word, 'latin1').toString('utf8'))));
          } catch (error) {
            throw new ConfigError((error as Error).message);
          }
        },
      },
      initial: bytesText(format(Object.hasOwn(values, key) ? values[key] : initial)),
      flags: (fixed === true ? FIXED : 0) | (rereads === true ? REREAD : 0) | (secret === true ? SECRET : 0),
      alias,
    }),
  );
}

/** Puts parameters of a feature beside those there are; throws FERRITE_FEATURE if one has a name that is taken. */
export function addParameters(
  byName: Map<string, Parameter>,
  feature: Feature,
  parameters: readonly Parameter[],
): void {
  for (const parameter of parameters) {
    for (const name of [parameter.name, parameter.alias]) {
      if (name === '') continue;
      const other = byName.get(name);
      if (other !== undefined && (other.flags & (INERT | STAND_IN)) === 0) {
        throw new FerriteError(
          'FERRITE_FEATURE',
          `feature '${feature.name}' has a configuration key '${name}', which the core has, too`,
        );
      }
      byName.set(name, parameter);
    }
  }
}

/** A text of Unicode as `Config` has it. */
export function bytesText(text: string): string {
  return Buffer.from(text, 'utf8').toString('latin1');
}
