// Numbers of four bytes, the highest first: of rounded ones the lower bytes are zeros.
import { canGoOn, decode, decodeInPlace } from './decoder'
import { allocate } from '../../model/kernels/memory'
import { Adaptive, newAdaptive, newSpecialist, Specialist } from './models'
import { DONE, MORE } from '../unpacking/steps'

const BYTES: u32 = 256

let place: usize = 0
let left: u64 = 0
let first: Adaptive = changetype<Adaptive>(0)
let general: Adaptive = changetype<Adaptive>(0)
let rest: Adaptive = changetype<Adaptive>(0)
/** Models of the second byte, by the first. */
let second: usize = 0

export function startFloats(at: usize, count: u64): void {
	place = at
	left = count
	first = newAdaptive(BYTES)
	general = newAdaptive(BYTES)
	rest = newAdaptive(BYTES)
	second = allocate(BYTES * sizeof<usize>())
}

export function stepFloats(): i32 {
	for (; left > 0; left--) {
		if (!canGoOn()) return MORE
		const highest = decode(first)
		store<u8>(place, <u8>highest, 3)
		store<u8>(place, <u8>decodeInPlace(secondModel(highest)), 2)
		store<u8>(place, <u8>decode(rest), 1)
		store<u8>(place, <u8>decode(rest))
		place += 4
	}
	return DONE
}

function secondModel(highest: u32): Specialist {
	const at = second + <usize>highest * sizeof<usize>()
	const known = load<usize>(at)
	if (known != 0) return changetype<Specialist>(known)
	const model = newSpecialist(general)
	store<usize>(at, changetype<usize>(model))
	return model
}
