// The part of WebAssembly that the trainer uses: Node's types lack it, and those of the DOM would bring the whole browser.
declare namespace WebAssembly {
	interface Module {
		readonly '': unique symbol
	}
	class Memory {
		constructor(options: { initial: number; maximum: number; shared: true })
		readonly buffer: SharedArrayBuffer
		grow(pages: number): number
	}
	function compile(bytes: Uint8Array): Promise<Module>
}
