// What a module says to people, taken out of it: lines of progress and warnings, and the text of errors. None of it reaches
// what a step writes, so it is no reason to run one again. Works on the text of a module; never runs it.
import ts from 'typescript'
import { sha256 } from '../files.ts'

/** Of `Effects`. */
const SAY = new Set(['err', 'out', 'redraw'])
const PROGRESS = new Set(['update', 'finish', 'say'])
/** All that this module makes is drawn on a terminal. */
const PROGRESS_MODULE = 'scripts/lib/progress.ts'

export function isScript(path: string): boolean {
	return /\.(m?ts|m?js)$/.test(path)
}

/**
 * The module without:
 * - statements that only call `err`, `out` or `redraw`, or `update`, `say` or `finish` of a progress bar, unless an argument
 *   changes something itself (assigns, awaits);
 * - what an `AppError` has beside its code, and what a `Progress` is made with;
 * - what the progress bar does.
 *
 * Declarations of a module are marked as free of side effects, so that a bundler leaves out those that are not used.
 */
export function dropSpeech(path: string, source: string): string {
	const file = ts.createSourceFile(path, source, ts.ScriptTarget.Latest, true)
	if (path === PROGRESS_MODULE) return stubExports(file)
	const edits: Edit[] = []
	for (const statement of file.statements) {
		visit(statement, edits)
		if (ts.isVariableStatement(statement)) markPure(statement, edits)
	}
	return apply(source, edits)
}

/** A digest of the words of a script: comments and layout have no part in it. */
export function digestTokens(source: string): string {
	const scanner = ts.createScanner(
		ts.ScriptTarget.Latest,
		true,
		ts.LanguageVariant.Standard,
		source,
	)
	const tokens: string[] = []
	while (scanner.scan() !== ts.SyntaxKind.EndOfFileToken) tokens.push(scanner.getTokenText())
	return sha256(tokens.join('\0'))
}

interface Edit {
	readonly from: number
	readonly until: number
	readonly text: string
}

function visit(node: ts.Node, edits: Edit[]): void {
	if (ts.isExpressionStatement(node) && isSpeech(node.expression)) {
		edits.push({ from: node.getStart(), until: node.end, text: ';' })
		return
	}
	if (ts.isNewExpression(node) && ts.isIdentifier(node.expression)) {
		const name = node.expression.text
		const kept = name === 'AppError' ? 1 : name === 'Progress' ? 0 : null
		if (kept !== null && dropArguments(node, kept, edits)) return
	}
	ts.forEachChild(node, (child) => visit(child, edits))
}

/** @returns whether it could be done */
function dropArguments({ arguments: all }: ts.NewExpression, kept: number, edits: Edit[]): boolean {
	const rest = all?.slice(kept) ?? []
	const [first] = rest
	// What stands before may be a spread that fills these places.
	if (!all || !first || all.some(ts.isSpreadElement) || rest.some(changesSomething)) return false
	const before = kept > 0 ? all[kept - 1]?.end : undefined
	// With a comma that may follow the last one.
	edits.push({ from: before ?? first.getFullStart(), until: all.end, text: '' })
	return true
}

function isSpeech(expression: ts.Expression): boolean {
	if (!ts.isCallExpression(expression)) return false
	const { expression: callee, arguments: all } = expression
	return isSpeaker(callee) && !all.some(changesSomething)
}

function isSpeaker(callee: ts.Expression): boolean {
	if (ts.isIdentifier(callee)) return SAY.has(callee.text)
	if (!ts.isPropertyAccessExpression(callee)) return false
	const { expression: object, name } = callee
	if (PROGRESS.has(name.text)) return /progress$/i.test(object.getText())
	return SAY.has(name.text) && /^(effects|io|this\.#?effects)$/.test(object.getText())
}

const ASSIGNMENTS = { from: ts.SyntaxKind.FirstAssignment, until: ts.SyntaxKind.LastAssignment }

function changesSomething(node: ts.Node): boolean {
	if (ts.isAwaitExpression(node) || ts.isYieldExpression(node) || ts.isDeleteExpression(node))
		return true
	if (ts.isPostfixUnaryExpression(node)) return true
	if (ts.isPrefixUnaryExpression(node) && isStep(node.operator)) return true
	if (ts.isBinaryExpression(node)) {
		const { kind } = node.operatorToken
		if (kind >= ASSIGNMENTS.from && kind <= ASSIGNMENTS.until) return true
	}
	return ts.forEachChild(node, (child) => changesSomething(child) || undefined) ?? false
}

function isStep(operator: ts.PrefixUnaryOperator): boolean {
	return operator === ts.SyntaxKind.PlusPlusToken || operator === ts.SyntaxKind.MinusMinusToken
}

// `const Row = v.object({ … })`: calls that make a value, which nobody misses where the value is not used.
function markPure(node: ts.Node, edits: Edit[]): void {
	if (ts.isFunctionLike(node) || ts.isClassLike(node)) return
	if ((ts.isCallExpression(node) || ts.isNewExpression(node)) && !edits.some(holds(node)))
		edits.push({ from: node.getStart(), until: node.getStart(), text: '/* @__PURE__ */ ' })
	ts.forEachChild(node, (child) => markPure(child, edits))
}

function holds(node: ts.Node): (edit: Edit) => boolean {
	return ({ from, until }) => from <= node.getStart() && node.end <= until
}

function stubExports(file: ts.SourceFile): string {
	const stubs = file.statements.map((statement) => {
		if (ts.isClassDeclaration(statement)) return `export class ${statement.name?.text} {}`
		if (ts.isFunctionDeclaration(statement))
			return `export const ${statement.name?.text} = () => ''`
		return ''
	})
	return stubs.join('\n')
}

function apply(source: string, edits: readonly Edit[]): string {
	let text = ''
	let at = 0
	for (const edit of edits.toSorted((a, b) => a.from - b.from || a.until - b.until)) {
		if (edit.from < at) continue
		text += source.slice(at, edit.from) + edit.text
		at = edit.until
	}
	return text + source.slice(at)
}
