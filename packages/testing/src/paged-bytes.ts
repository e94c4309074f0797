/**
 * The contents of one simulated file: sparse 4 KiB pages, copied only when they are changed.
 *
 * `fork` costs one reference per page, so that thousands of crash images of a store can be made from one run. A page
 * may be changed in place only by the one that made it; a fork takes that right from both sides. Pages of zeros
 * share one page. Bytes beyond `sizeBytes` may exist (a sector reached the disk, the new size did not) until `resize`.
 */

export const PAGE_BYTES = 4096;
export const SECTOR_BYTES = 512;

interface Page {
  readonly bytes: Uint8Array;
  readonly owner: object;
}

const NOBODY = {};
const ZEROS = Buffer.alloc(PAGE_BYTES);
const ZERO_PAGE: Page = { bytes: ZEROS, owner: NOBODY };

export class PagedBytes {
  sizeBytes = 0;
  #pages: (Page | undefined)[] = [];
  #owner: object = {};
  #allocated = 0;

  fork(): PagedBytes {
    const copy = new PagedBytes();
    copy.sizeBytes = this.sizeBytes;
    copy.#pages = this.#pages.slice();
    copy.#allocated = this.#allocated;
    this.#owner = {};
    return copy;
  }

  /** Pages that take room on the disk: written ones, zeros or not, but not holes. */
  get allocatedPages(): number {
    return this.#allocated;
  }

  hasPage(index: number): boolean {
    return this.#pages[index] !== undefined;
  }

  /** Copies bytes out, zeros where there are none, without looking at the size. */
  read(target: Uint8Array, offset: number, length: number, position: number): void {
    for (let done = 0; done < length; ) {
      const at = position + done;
      const inPage = at % PAGE_BYTES;
      const count = Math.min(length - done, PAGE_BYTES - inPage);
      const page = this.#pages[(at - inPage) / PAGE_BYTES];
      if (page === undefined) target.fill(0, offset + done, offset + done + count);
      else target.set(page.bytes.subarray(inPage, inPage + count), offset + done);
      done += count;
    }
  }

  /** Copies bytes in, without changing the size. */
  write(source: Uint8Array, offset: number, length: number, position: number): void {
    for (let done = 0; done < length; ) {
      const at = position + done;
      const inPage = at % PAGE_BYTES;
      const count = Math.min(length - done, PAGE_BYTES - inPage);
      const bytes = source.subarray(offset + done, offset + done + count);
      this.#writePage((at - inPage) / PAGE_BYTES, inPage, bytes);
      done += count;
    }
  }

  /** Sets the size and drops everything beyond it. */
  resize(sizeBytes: number): void {
    this.sizeBytes = sizeBytes;
    const keep = Math.ceil(sizeBytes / PAGE_BYTES);
    for (let i = keep; i < this.#pages.length; i++) {
      if (this.#pages[i] !== undefined) this.#allocated--;
    }
    if (this.#pages.length > keep) this.#pages.length = keep;
    const inPage = sizeBytes % PAGE_BYTES;
    if (inPage > 0 && this.hasPage(keep - 1)) this.#writePage(keep - 1, inPage, ZEROS.subarray(inPage));
  }

  #writePage(index: number, inPage: number, bytes: Uint8Array): void {
    const page = this.#pages[index];
    if (page?.owner === this.#owner) {
      page.bytes.set(bytes, inPage);
      return;
    }
    if (page === undefined) this.#allocated++;
    if (page === undefined && ZEROS.compare(bytes, 0, bytes.length, 0, bytes.length) === 0) {
      this.#pages[index] = ZERO_PAGE;
      return;
    }
    const own = new Uint8Array(PAGE_BYTES);
    if (page !== undefined && bytes.length < PAGE_BYTES) own.set(page.bytes);
    own.set(bytes, inPage);
    this.#pages[index] = { bytes: own, owner: this.#owner };
  }
}
