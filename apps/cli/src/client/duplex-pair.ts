/** Two streams of which each reads what is written to the other. (`stream.duplexPair` came with Node 22.6.) */
import { Duplex } from 'node:stream';

export function duplexPair(): [Duplex, Duplex] {
  const sides: Side[] = [];
  const make = (other: number): Side => new Side(() => sides[other]);
  sides.push(make(1), make(0));
  return [sides[0], sides[1]];
}

class Side extends Duplex {
  private readonly other: () => Side;
  /** Called when the other side has room again. */
  private onRead: (() => void) | undefined;
  private hasEnd = false;

  constructor(other: () => Side) {
    super({ allowHalfOpen: true });
    this.other = other;
  }

  override _read(): void {
    const goOn = this.onRead;
    this.onRead = undefined;
    goOn?.();
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: () => void): void {
    const other = this.other();
    // A copy: who wrote it may use its memory again once this is done.
    if (other.destroyed || other.push(Buffer.from(chunk))) done();
    else other.onRead = done;
  }

  override _final(done: () => void): void {
    this.other().endInput();
    done();
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    const other = this.other();
    other.endInput();
    // What it was about to write goes nowhere.
    this._read();
    done(error);
  }

  /** The other side writes no more. */
  private endInput(): void {
    if (this.hasEnd || this.destroyed) return;
    this.hasEnd = true;
    this.push(null);
  }
}
