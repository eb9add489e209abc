// Where the workers wait for each other: a short spin, then a sleep, because a spin on a busy machine starves the others.

const SPINS: i32 = 4000

/** `place` holds two zeroed words: how many have come, and which round it is. */
export function barrier(place: usize, threads: u32): void {
	if (threads == 1) return
	const round = atomic.load<u32>(place, 4)
	if (atomic.add<u32>(place, 1) == threads - 1) {
		atomic.store<u32>(place, 0)
		atomic.add<u32>(place, 1, 4)
		atomic.notify(place + 4)
		return
	}
	for (let spin = 0; spin < SPINS; spin++) if (atomic.load<u32>(place, 4) != round) return
	while (atomic.load<u32>(place, 4) == round) atomic.wait<u32>(place + 4, round, -1)
}
