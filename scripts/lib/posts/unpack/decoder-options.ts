// Options of node:zlib's decoders.

export const DECODER_OPTIONS = {
	chunkSize: 1 << 20,
	// An error drops output that nobody has read yet, so the decoder must not work ahead.
	highWaterMark: 1,
}
