// Entry of the WebAssembly module (AssemblyScript): what the workers may call.
export { countTokens, tokenize, rehashWords, mergeWords } from './tokenize'
export { countNgrams, indexNgrams, encodeSamples } from './ngrams'
export { initRows, shuffle } from './start'
export { trainBatch } from './train'
export { labelBatch, packLabels, rankBatch } from './rank'
export { quantizeSub } from './quantize'
export { columnRanges, encodeRows } from './precise'
