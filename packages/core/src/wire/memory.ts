// Views on one block of memory that values are written to and read from.

/** What Buffer can do besides its documented methods: read and write strings natively, at byte offsets. */
interface NativeText {
  latin1Write(text: string, at: number, bytes: number): number;
  ucs2Write(text: string, at: number, bytes: number): number;
  latin1Slice(from: number, to: number): string;
  ucs2Slice(from: number, to: number): string;
}

/** Made once for each ring, batch or overflow chunk. The block starts at a multiple of 8 bytes. */
export class Memory {
  readonly words: Int32Array;
  readonly doubles: Float64Array;
  readonly longs: BigInt64Array;
  readonly bytes: Buffer & NativeText;

  constructor(
    buffer: ArrayBuffer | SharedArrayBuffer,
    byteOffset: number = 0,
    byteLength: number = buffer.byteLength - byteOffset,
  ) {
    this.words = new Int32Array(buffer, byteOffset, byteLength >> 2);
    this.doubles = new Float64Array(buffer, byteOffset, byteLength >> 3);
    this.longs = new BigInt64Array(buffer, byteOffset, byteLength >> 3);
    this.bytes = Buffer.from(buffer as ArrayBuffer, byteOffset, byteLength) as Buffer & NativeText;
  }
}
