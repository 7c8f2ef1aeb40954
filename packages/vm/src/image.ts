/**
 * The memory image: a booted, hardened VM as bytes. The pinned wasm has one memory, one mutable global (the stack
 * pointer) and a table that only we write, so memory + stack pointer is the whole state of a VM; restoring both gives
 * the same VM in microseconds. The image holds two runs of bytes, static data and heap; the stack between them is dead
 * when no call is active. It is code: built with the package, verified by hash when loaded.
 */
import type { JSValueConstPointer } from "quickjs-emscripten-core";
import type { Engine, Places } from "./engine.ts";

/** The 5 MiB between static data and heap (emcc -sSTACK_SIZE of the pinned wasm). */
export const STACK_BYTES = 5 * 1024 * 1024;
/** C frames below the last stack check of QuickJS; measured: under 8 KiB. */
const STACK_SLACK = 128 * 1024;

/** Guest files are named so in stacks; frames of theirs are never shown. */
export const GUEST_PREFIX = "agent-run:";

export const IMAGE_VERSION = 2;
const MAGIC = "agent-run vm image\n";

/** The functions of the kernel that the machine calls. */
export const ENTRIES = ["start", "begin", "settle", "fireTimer", "finish", "describe"] as const;
export type Entry = (typeof ENTRIES)[number];

/** Where things are in the image; addresses are the same in every instance. */
export interface ImageHeader {
  readonly version: number;
  /** SHA-256 of the guest files, names included: what the image was made from. */
  readonly guest: string;
  readonly wasm: string;
  /** Where the engine that was made into the image had its parts. */
  readonly places: Places;
  /** Kernel functions by name. */
  readonly entries: Readonly<Record<Entry, JSValueConstPointer>>;
  /** 32 bytes of ours on the heap, for arguments. */
  readonly scratch: number;
  /** The 64-bit state of Math.random. */
  readonly randomState: number;
  /** The word that holds the end of the heap (sbrk). */
  readonly breakWord: number;
  readonly stackTop: number;
  readonly heapEnd: number;
}

export interface Image {
  readonly header: ImageHeader;
  readonly data: Uint8Array;
  readonly heap: Uint8Array;
}

export function encodeImage(header: ImageHeader, memory: Buffer): Uint8Array {
  const text = Buffer.from(JSON.stringify(header));
  const size = Buffer.alloc(4);
  size.writeUInt32LE(text.length);
  const data = memory.subarray(0, header.stackTop - STACK_BYTES);
  const heap = memory.subarray(header.stackTop, header.heapEnd);
  return Buffer.concat([Buffer.from(MAGIC), size, text, data, heap]);
}

/** Throws on anything that `encodeImage` of this version did not make. Copies nothing. */
export function decodeImage(bytes: Uint8Array): Image {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const sizeAt = MAGIC.length;
  if (buffer.length < sizeAt + 4 || buffer.toString("latin1", 0, sizeAt) !== MAGIC) throw new Error("not a VM image");
  const headerEnd = sizeAt + 4 + buffer.readUInt32LE(sizeAt);
  const header = JSON.parse(buffer.toString("utf8", sizeAt + 4, headerEnd)) as ImageHeader;
  if (header.version !== IMAGE_VERSION) throw new Error(`the VM image has version ${header.version}`);
  const dataEnd = headerEnd + header.stackTop - STACK_BYTES;
  const end = dataEnd + header.heapEnd - header.stackTop;
  if (end !== buffer.length) throw new Error("the VM image is cut off");
  return { header, data: buffer.subarray(headerEnd, dataEnd), heap: buffer.subarray(dataEnd, end) };
}

/**
 * The library's objects hold pointers into the memory that the image replaces. They are right only if this engine was
 * booted in the same steps as the image's; where one differs, a call would go to whatever lies there, so nothing runs.
 */
export function assertSamePlaces(engine: Engine, { header }: Image): void {
  for (const [name, place] of Object.entries(engine.places)) {
    const expected = header.places[name as keyof Places];
    if (place !== expected) throw new Error(`the engine's ${name} is at ${place}, the image's at ${expected}`);
  }
}

/**
 * Makes the memory what it was when the image was taken, byte for byte: data and heap are copied, and what a former run
 * left above the heap and on the stack is zeroed. `stackBytes`: how deep scripts could go since the last restore.
 */
export function restoreImage(engine: Engine, image: Image, stackBytes: number): void {
  const { header } = image;
  const used = Math.max(header.heapEnd, engine.memory.readWord(header.breakWord));
  const { heap } = engine.memory;
  heap.set(image.data, 0);
  heap.fill(0, Math.max(image.data.length, header.stackTop - stackBytes - STACK_SLACK), header.stackTop);
  heap.set(image.heap, header.stackTop);
  heap.fill(0, header.heapEnd, Math.min(used, heap.length));
  engine.stack.restoreStack(header.stackTop);
}
