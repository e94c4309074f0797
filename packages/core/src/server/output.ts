/**
 * Where the replies of a connection go: its stream, or, for a socket of `shared-read.ts`, the handle below it.
 *
 * A stream costs as much CPU time for each write as the command that is answered: state of its own, a request, a callback
 * in a later turn. The handle takes a short write at once, and nothing is left to be done. It is no documented property,
 * nor is the request that it wants: `shared-read.ts` finds out whether both are there, by a byte each way, before a
 * server relies on them.
 */
import type { Duplex } from 'node:stream';
import type { Output, OutputEvents } from '../registry/transport.ts';

/** What Node.js writes to a socket with. Errors are numbers below zero. */
export interface SocketHandle {
  writeBuffer(request: WriteRequest, bytes: Buffer): number;
  readonly writeQueueSize: number;
}

/** One write. Untouched, and good for another, if all bytes were taken at once; else it has an id until `oncomplete`. */
export interface WriteRequest {
  oncomplete: (status: number) => void;
  getAsyncId(): number;
}

export type WriteRequestClass = new () => WriteRequest;

export class StreamOutput implements Output {
  private readonly stream: Duplex;
  private readonly onWritten: () => void;

  constructor(stream: Duplex, events: OutputEvents) {
    this.stream = stream;
    this.onWritten = () => events.onWritten();
  }

  get waitingBytes(): number {
    return this.stream.writableLength;
  }

  write(buffer: Buffer, length: number): boolean {
    this.stream.write(buffer.subarray(0, length), this.onWritten);
    return false;
  }
}

export class HandleOutput implements Output {
  private readonly handle: SocketHandle;
  private readonly requestClass: WriteRequestClass;
  private readonly events: OutputEvents;

  constructor(handle: SocketHandle, requestClass: WriteRequestClass, events: OutputEvents) {
    this.handle = handle;
    this.requestClass = requestClass;
    this.events = events;
  }

  get waitingBytes(): number {
    return this.handle.writeQueueSize ?? 0;
  }

  write(buffer: Buffer, length: number): boolean {
    spareRequest ??= new this.requestClass();
    const request = spareRequest;
    const isBroken = this.handle.writeBuffer(request, firstOf(buffer, length)) < 0;
    if (request.getAsyncId() < 0) {
      if (isBroken) this.events.onBroken();
      return true;
    }
    spareRequest = null;
    request.oncomplete = (status) => {
      this.events.onWritten();
      if (status < 0) this.events.onBroken();
    };
    return false;
  }
}

/** Serves all sockets until one keeps it. */
let spareRequest: WriteRequest | null = null;

const VIEWS = 256;
const VIEWED_SIZE_MAX_BYTES = 65_536;
/** Views of the buffers that serve again and again, by their length: most replies are as long as another just before. */
const views: { of: Buffer; view: Buffer }[] = [];

function firstOf(buffer: Buffer, length: number): Buffer {
  const known = views[length % VIEWS];
  if (known !== undefined && known.of === buffer && known.view.length === length) return known.view;
  const view = buffer.subarray(0, length);
  if (buffer.length <= VIEWED_SIZE_MAX_BYTES) views[length % VIEWS] = { of: buffer, view };
  return view;
}
