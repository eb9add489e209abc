// A table as people read it: columns as wide as their widest cell. Pure.

/**
 * @param rows the head first; the first column stands left, figures right
 * @param options `lastIsText`: the last column stands left, too
 */
export function formatTable(
	rows: readonly (readonly string[])[],
	{ lastIsText = false }: { readonly lastIsText?: boolean } = {},
): string {
	const widths = (rows[0] ?? []).map((_, column) =>
		Math.max(...rows.map((row) => (row[column] ?? '').length)),
	)
	const formatRow = (row: readonly string[]) =>
		row.map((cell, column) => {
			const isText = column === 0 || (lastIsText && column === row.length - 1)
			return isText ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0)
		})
	return rows.map((row) => formatRow(row).join('  ').trimEnd()).join('\n')
}
