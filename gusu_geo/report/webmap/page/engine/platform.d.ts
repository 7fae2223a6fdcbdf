/* The few names beside JavaScript itself that the engine uses; browsers and Node have them all. */

declare function atob(text: string): string;
declare class TextDecoder {
  decode(bytes: Uint8Array): string;
}
declare class DecompressionStream {
  constructor(format: "gzip");
}
interface ByteStream {
  pipeThrough(stream: DecompressionStream): ByteStream;
}
declare class Blob {
  constructor(parts: Uint8Array[]);
  stream(): ByteStream;
}
declare class Response {
  constructor(body: ByteStream);
  arrayBuffer(): Promise<ArrayBuffer>;
}
