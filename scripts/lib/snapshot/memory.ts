// Refuses a snapshot that would not fit into memory, before the work.
import { freemem } from 'node:os'
import { AppError } from '../../../src/shared/app-error.ts'
import { formatBytes, formatCount } from '../progress.ts'

/**
 * What a post takes at the most while a snapshot is made, all outside V8's heap: 26 bytes for label, time, ticket and where its
 * text lies, up to 12 for the table that finds equal texts, 60 for a long title, and 28 for lists of rows.
 * `npm run bench -- snapshot` measures it.
 */
export const BYTES_PER_POST = 126

/** Node itself, and a page of posts as it comes from the database. */
const FIXED_BYTES = 200_000_000

/** @throws AppError `out-of-memory` with how much it takes and what to do */
export function checkMemory(posts: number, available: number = availableBytes()): void {
	const needed = FIXED_BYTES + posts * BYTES_PER_POST
	if (needed <= available) return
	throw new AppError(
		'out-of-memory',
		`a snapshot of ${formatCount(posts)} posts takes ${formatBytes(needed)} of memory, and ${formatBytes(available)} are free; take fewer with --from and --until, or leave out old ones with posts prune --keep-newest`,
	)
}

function availableBytes(): number {
	// A container may have less than the machine; Node tells from version 22 on.
	const { availableMemory } = process as { availableMemory?: () => number }
	return availableMemory?.() ?? freemem()
}
