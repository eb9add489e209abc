// The records of the kernels, field by field in the order of their classes in kernels/*.ts.

export const WORD_TABLE = {
	text: 'u32',
	textEnd: 'u32',
	slots: 'u32',
	mask: 'u32',
	words: 'u32',
	wordCount: 'u32',
	tokens: 'u32',
	tokenCount: 'u32',
	lineCount: 'u32',
} as const

/** text, length, hash, count: 32 bits each. */
export const WORD_FIELDS = 4

export const STREAM = { tokens: 'u32', tokenCount: 'u32', words: 'u32', finals: 'u32' } as const

/** Mirrors LABEL_FROM and UNKNOWN of kernels/ngrams.ts. */
export const LABEL_FROM = 0x80000000
export const UNKNOWN = 0xffffffff

export const NGRAM_COUNT = {
	streams: 'u32',
	streamCount: 'u32',
	wordNgrams: 'u32',
	bucket: 'u32',
	partitions: 'u32',
	partition: 'u32',
	slots: 'u32',
	mask: 'u32',
	used: 'u32',
	stream: 'u32',
	token: 'u32',
	minCount: 'u32',
	kept: 'u32',
	keptCapacity: 'u32',
} as const

export const ENCODE = {
	stream: 'u32',
	token: 'u32',
	wordNgrams: 'u32',
	bucket: 'u32',
	index: 'u32',
	mask: 'u32',
	firstRow: 'u32',
	features: 'u32',
	samples: 'u32',
	sampleCount: 'u32',
} as const

/** Address of the features, their number, label: 32 bits each. */
export const SAMPLE_FIELDS = 3

/** Candidates whose errors are packed together: mirrors GROUP of kernels/updates.ts. */
export const GROUP = 16

/** Room past the end of lists of features, of which the kernels load some ahead: at least AHEAD of kernels/features.ts. */
export const LISTED_AHEAD = 16

export const TRAIN = {
	lossSum: 'f64',
	threads: 'u32',
	barrier: 'u32',
	samples: 'u32',
	order: 'u32',
	orderCount: 'u32',
	input: 'u32',
	inputSteps: 'u32',
	output: 'u32',
	outputSquares: 'u32',
	labels: 'u32',
	labelBias: 'u32',
	dim: 'u32',
	batch: 'u32',
	negatives: 'u32',
	seed: 'u32',
	step: 'u32',
	steps: 'u32',
	warmup: 'u32',
	inputRate: 'f32',
	outputRate: 'f32',
	lastRate: 'f32',
	hidden: 'u32',
	hiddenPanels: 'u32',
	panelRows: 'u32',
	gradient: 'u32',
	errors: 'u32',
	losses: 'u32',
	lengths: 'u32',
	squares: 'u32',
	ownFeatures: 'u32',
	labelPanels: 'u32',
	dimPanels: 'u32',
	candidateBias: 'u32',
	own: 'u32',
	ownBytes: 'u32',
	width: 'u32',
	lossCount: 'u32',
	broken: 'u32',
	dilution: 'f32',
	pieceShare: 'f32',
	firstNgram: 'u32',
} as const

export const TOP_LABELS = {
	vectors: 'u32',
	vectorCount: 'u32',
	dim: 'u32',
	width: 'u32',
	labelPanels: 'u32',
	bias: 'u32',
	batch: 'u32',
	found: 'u32',
	own: 'u32',
	ownBytes: 'u32',
} as const

export const ANSWER = {
	samples: 'u32',
	sampleCount: 'u32',
	input: 'u32',
	dim: 'u32',
	labels: 'u32',
	width: 'u32',
	labelPanels: 'u32',
	bias: 'u32',
	batch: 'u32',
	count: 'u32',
	places: 'u32',
	scores: 'u32',
	own: 'u32',
	ownBytes: 'u32',
} as const

export const QUANTIZE = {
	rows: 'u32',
	rowCount: 'u32',
	step: 'u32',
	stride: 'u32',
	prices: 'u32',
	weights: 'u32',
	books: 'u32',
	bookFloats: 'u32',
	subDim: 'u32',
	dim: 'u32',
	codes: 'u32',
	subCount: 'u32',
	learn: 'u32',
} as const
