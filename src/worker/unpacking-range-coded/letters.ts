// Models of letters, by the letter before, and by the two before.
import { allocate } from '../../model/kernels/memory'
import { Adaptive, newAdaptive, newSpecialist, Specialist } from './models'

const BYTES: u32 = 256

let afterOne: usize = 0
let afterTwo: usize = 0

/** Forgets what was learnt of other words. */
export function startLetters(): void {
	afterOne = allocate(BYTES * sizeof<usize>())
	afterTwo = allocate(BYTES * BYTES * sizeof<usize>())
}

/** @param second the letter before the last @param last 0 for each that is not there */
export function letterAfter(second: usize, last: usize): Specialist {
	const at = afterTwo + (second * BYTES + last) * sizeof<usize>()
	const known = load<usize>(at)
	if (known != 0) return changetype<Specialist>(known)
	const model = newSpecialist(letterAfterOne(last))
	store<usize>(at, changetype<usize>(model))
	return model
}

function letterAfterOne(last: usize): Adaptive {
	const at = afterOne + last * sizeof<usize>()
	const known = load<usize>(at)
	if (known != 0) return changetype<Adaptive>(known)
	const model = newAdaptive(BYTES)
	store<usize>(at, changetype<usize>(model))
	return model
}
