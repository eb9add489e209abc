// How the decoders of node:zlib are opened.

export const DECODER_OPTIONS = {
	chunkSize: 1 << 20,
	// An error drops what waits to be read: so nothing may wait while the decoder works on.
	highWaterMark: 1,
}
