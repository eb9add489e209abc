// Records in the shared memory that kernels and TypeScript both read and write.

type FieldType = 'u32' | 'i32' | 'f32' | 'f64'
export type Layout = Readonly<Record<string, FieldType>>

/** A record at `address`; fields stand in the order of the layout, as AssemblyScript lays out an unmanaged class. */
export class Struct<L extends Layout> {
	readonly address: number
	readonly #memory: WebAssembly.Memory
	readonly #offsets: ReadonlyMap<string, { offset: number; type: FieldType }>

	constructor(memory: WebAssembly.Memory, address: number, layout: L) {
		this.#memory = memory
		this.address = address
		this.#offsets = offsetsOf(layout)
	}

	get(name: keyof L & string): number {
		const { view, offset, type } = this.#at(name)
		if (type === 'f64') return view.getFloat64(offset, true)
		if (type === 'f32') return view.getFloat32(offset, true)
		return type === 'i32' ? view.getInt32(offset, true) : view.getUint32(offset, true)
	}

	set(values: Partial<Record<keyof L & string, number>>): this {
		for (const [name, value] of Object.entries(values) as [keyof L & string, number][]) {
			const { view, offset, type } = this.#at(name)
			if (type === 'f64') view.setFloat64(offset, value, true)
			else if (type === 'f32') view.setFloat32(offset, value, true)
			else if (type === 'i32') view.setInt32(offset, value, true)
			else view.setUint32(offset, value, true)
		}
		return this
	}

	#at(name: string) {
		const field = this.#offsets.get(name)
		if (!field) throw new Error(`no such field: ${name}`)
		// The buffer is another one after the memory has grown.
		const view = new DataView(this.#memory.buffer)
		return { view, offset: this.address + field.offset, type: field.type }
	}
}

/** Bytes of a record. */
export function sizeOf(layout: Layout): number {
	const fields = [...offsetsOf(layout).values()]
	return Math.max(0, ...fields.map(({ offset, type }) => offset + bytesOf(type)))
}

/** Where each field begins, in bytes from the record. */
export function offsetsOf(layout: Layout): Map<string, { offset: number; type: FieldType }> {
	let offset = 0
	const fields = new Map<string, { offset: number; type: FieldType }>()
	for (const [name, type] of Object.entries(layout)) {
		const bytes = bytesOf(type)
		offset = Math.ceil(offset / bytes) * bytes
		fields.set(name, { offset, type })
		offset += bytes
	}
	return fields
}

function bytesOf(type: FieldType): number {
	return type === 'f64' ? 8 : 4
}
