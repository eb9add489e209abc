// Models of symbols that learn from what they decode: src/model/packed/range-coded/adaptive.ts says how, this computes the same.
import { allocate } from '../../model/kernels/memory'

export const TOTAL_BITS: u32 = 15
export const TOTAL: u32 = 1 << TOTAL_BITS
export const STEP_BITS: u32 = 7
const STEPS: usize = TOTAL >> STEP_BITS
const INHERITED: u32 = 24
const ENOUGH: u32 = 64
const UNIT: u32 = 8
const FRESH: u32 = 8
const FIRST_FRESH: u32 = 16

/** A model, with its tables behind it: `starts`, then `bounds`, then `counts`. */
@unmanaged
export class Adaptive {
	seen: u32
	total: u32
	renewal: u32
	size: u32
	counts: usize
}

/** A model for one place, with its own `Adaptive` behind it; `active` is that one as soon as it has seen enough. */
@unmanaged
export class Specialist {
	active: Adaptive
	general: Adaptive
}

const STARTS = offsetof<Adaptive>()
const BOUNDS = STARTS + STEPS
const OWN = offsetof<Specialist>()
export const SPECIALIST_BYTES: usize = OWN + adaptiveBytes(256)

// @ts-ignore: a decorator of AssemblyScript
@inline
function boundsBytes(size: usize): usize {
	return (size * 2 + 5) & ~(<usize>3)
}

// @ts-ignore
@inline
function adaptiveBytes(size: usize): usize {
	return (BOUNDS + boundsBytes(size) + size * 4 + 7) & ~(<usize>7)
}

// @ts-ignore
@inline
export function boundsOf(model: Adaptive): usize {
	return changetype<usize>(model) + BOUNDS
}

// @ts-ignore
@inline
export function startsOf(model: Adaptive): usize {
	return changetype<usize>(model) + STARTS
}

export function newAdaptive(size: u32): Adaptive {
	return prepare(allocate(<u64>adaptiveBytes(size)), size)
}

/** Of bytes. */
export function newSpecialist(general: Adaptive): Specialist {
	return prepareSpecialist(allocate(<u64>SPECIALIST_BYTES), general)
}

/** `count` of bytes, {@link SPECIALIST_BYTES} apart; each `kinds`th has the same general one. @returns the first one's place */
export function newSpecialists(count: usize, kinds: usize): usize {
	const generals = allocate(<u64>kinds * sizeof<usize>())
	for (let kind: usize = 0; kind < kinds; kind++)
		store<usize>(generals + kind * sizeof<usize>(), changetype<usize>(newAdaptive(256)))
	const models = allocate(<u64>count * <u64>SPECIALIST_BYTES)
	for (let index: usize = 0; index < count; index++) {
		const general = load<usize>(generals + (index % kinds) * sizeof<usize>())
		prepareSpecialist(models + index * SPECIALIST_BYTES, changetype<Adaptive>(general))
	}
	return models
}

// Its own shares are computed when it has seen enough: nobody asks for them before.
function prepareSpecialist(at: usize, general: Adaptive): Specialist {
	const specialist = changetype<Specialist>(at)
	specialist.active = general
	specialist.general = general
	setSize(at + OWN, 256)
	return specialist
}

function prepare(at: usize, size: u32): Adaptive {
	const model = setSize(at, size)
	share(model)
	return model
}

function setSize(at: usize, size: u32): Adaptive {
	const model = changetype<Adaptive>(at)
	model.size = size
	model.counts = at + BOUNDS + boundsBytes(size)
	return model
}

// @ts-ignore
@inline
function count(model: Adaptive, symbol: u32): void {
	const at = model.counts + (<usize>symbol << 2)
	store<u32>(at, load<u32>(at) + UNIT)
	model.total += UNIT
	model.seen += 1
}

// @ts-ignore
@inline
export function learn(model: Adaptive, symbol: u32): void {
	count(model, symbol)
	if (model.seen >= model.renewal) share(model)
}

// @ts-ignore
@inline
export function learnInPlace(specialist: Specialist, symbol: u32): void {
	const own = changetype<Adaptive>(changetype<usize>(specialist) + OWN)
	count(own, symbol)
	if (own.seen > ENOUGH) {
		if (own.seen >= own.renewal) share(own)
	} else learnWithGeneral(specialist, own, symbol)
}

function learnWithGeneral(specialist: Specialist, own: Adaptive, symbol: u32): void {
	const general = specialist.general
	learn(general, symbol)
	if (own.seen < ENOUGH) return
	inherit(own, general)
	specialist.active = own
}

function inherit(own: Adaptive, general: Adaptive): void {
	const bounds = boundsOf(general)
	for (let symbol: usize = 0; symbol < <usize>own.size; symbol++) {
		const at = bounds + (symbol << 1)
		const share = <u32>load<u16>(at, 2) - <u32>load<u16>(at)
		const more = (share * INHERITED * UNIT) / TOTAL
		const place = own.counts + (symbol << 2)
		store<u32>(place, load<u32>(place) + more)
		own.total += more
	}
	share(own)
}

function share(model: Adaptive): void {
	const size = model.size
	const total = <f64>model.total * 2 + <f64>size
	const rest = <f64>(TOTAL - size)
	const bounds = boundsOf(model)
	const starts = startsOf(model)
	const counts = model.counts
	let given: u32 = 0
	let step: u32 = 0
	for (let symbol: u32 = 0; symbol < size; symbol++) {
		given += load<u32>(counts + (<usize>symbol << 2)) * 2 + 1
		const end = <u32>((<f64>given * rest) / total) + symbol + 1
		store<u16>(bounds + (<usize>symbol << 1), <u16>end, 2)
		for (; step << STEP_BITS < end; step++) store<u8>(starts + step, <u8>symbol)
	}
	model.renewal = model.seen + max(FIRST_FRESH, model.seen / FRESH)
}
