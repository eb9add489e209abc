// Whether a download of a few megabytes that nobody asked for is welcome.

/** The Network Information API, which only Chromium has. */
interface NetworkInformation {
	readonly saveData?: boolean
	readonly effectiveType?: string
	/** Mbit/s, rounded and at most 10. */
	readonly downlink?: number
	readonly type?: string
}

const FAST_MBITS = 5

/** False also where the browser doesn't tell. */
export function hasGoodConnection(navigator: {
	readonly onLine: boolean
	readonly connection?: NetworkInformation
}): boolean {
	const { onLine, connection } = navigator
	if (!onLine || !connection || connection.saveData || connection.type === 'cellular') return false
	return connection.effectiveType === '4g' && (connection.downlink ?? 0) >= FAST_MBITS
}
