/** Value codecs: how what a program stores becomes bytes and comes back. */

/** `decode` gets bytes that are its own to keep. */
export interface Codec<V> {
  encode(value: V): string | Uint8Array;
  decode(bytes: Buffer): V;
  /** Set by the built-in text codec: values are strings, read without a buffer in between. */
  readonly isText?: boolean;
}

const textCodec: Codec<string> = {
  isText: true,
  encode: (value) => value,
  decode: (bytes) => bytes.toString('utf8'),
};

const bufferCodec: Codec<Uint8Array> = { encode: (value) => value, decode: (bytes) => bytes };

const jsonCodec: Codec<unknown> = {
  encode: (value) => {
    const text = JSON.stringify(value);
    if (text === undefined) throw new TypeError('the value has no JSON form');
    return text;
  },
  decode: (bytes) => JSON.parse(bytes.toString('utf8')),
};

/** The codec that a `codec` option names or is; undefined for anything else. */
export function codecOf(option: unknown): Codec<unknown> | undefined {
  if (option === 'utf8') return textCodec as Codec<unknown>;
  if (option === 'buffer') return bufferCodec as Codec<unknown>;
  if (option === 'json') return jsonCodec;
  const custom = option as Codec<unknown> | null;
  return typeof custom?.encode === 'function' && typeof custom.decode === 'function' ? custom : undefined;
}
