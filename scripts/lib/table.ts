// A table as people read it: columns as wide as their widest cell. Pure.

interface TableOptions {
	readonly lastIsText?: boolean
	readonly text?: readonly number[]
}

/**
 * @param rows the head first; the first column stands left, figures right
 * @param options `text`: numbers of columns that stand left, too; `lastIsText`: so does the last one
 */
export function formatTable(
	rows: readonly (readonly string[])[],
	{ lastIsText = false, text = [] }: TableOptions = {},
): string {
	const widths = (rows[0] ?? []).map((_, column) =>
		Math.max(...rows.map((row) => (row[column] ?? '').length)),
	)
	const formatRow = (row: readonly string[]) =>
		row.map((cell, column) => {
			const isLast = column === row.length - 1
			const isText = column === 0 || text.includes(column) || (lastIsText && isLast)
			return isText ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0)
		})
	return rows.map((row) => formatRow(row).join('  ').trimEnd()).join('\n')
}
