// The part of WebAssembly that batches use, beside what the trainer declares.
declare namespace WebAssembly {
	class Instance {
		constructor(module: Module)
		readonly exports: unknown
	}
}
