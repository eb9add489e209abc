// `${{ … }}` as GitHub Actions evaluates it, by GitHub's own library.
import { data, Evaluator, Lexer, Parser } from '@actions/expressions'

type FunctionDefinition = ConstructorParameters<typeof Evaluator>[2] extends
	| Map<string, infer Definition>
	| undefined
	? Definition
	: never

export type Contexts = Readonly<Record<string, unknown>>

/** How a job stands: what `success()`, `failure()`, `cancelled()` and `always()` answer by. */
export type Status = 'success' | 'failure'

const STATUS_FUNCTIONS = ['success', 'failure', 'cancelled', 'always']

/** @returns plain JSON */
export function evaluate(expression: string, contexts: Contexts, status: Status): unknown {
	const answers = [status === 'success', status === 'failure', false, true]
	const functions: FunctionDefinition[] = STATUS_FUNCTIONS.map((name, index) => ({
		name,
		minArgs: 0,
		maxArgs: 0,
		call: () => new data.BooleanData(answers[index] === true),
	}))
	// It tells caches of different files apart; here there is one of each.
	functions.push({
		name: 'hashFiles',
		minArgs: 1,
		maxArgs: 255,
		call: () => new data.StringData('hash'),
	})
	const { tokens } = new Lexer(expression).lex()
	const tree = new Parser(tokens, Object.keys(contexts), functions).parse()
	const context = JSON.parse(JSON.stringify(contexts), data.reviver) as data.Dictionary
	const byName = new Map(functions.map((definition) => [definition.name, definition]))
	const result = new Evaluator(tree, context, byName).evaluate()
	return JSON.parse(JSON.stringify(result, data.replacer) ?? 'null')
}

/** A text with expressions in it. */
export function interpolate(text: string, contexts: Contexts, status: Status): string {
	return text.replace(/\$\{\{(.*?)\}\}/gs, (_, expression: string) => {
		const value = evaluate(expression.trim(), contexts, status)
		if (value === null || value === undefined) return ''
		return typeof value === 'object' ? JSON.stringify(value) : String(value)
	})
}

/** Whether a job or a step runs: without a status function in it a condition holds only after successes. */
export function isTrue(condition: unknown, contexts: Contexts, status: Status): boolean {
	if (condition === undefined) return status === 'success'
	const text = String(condition)
		.replace(/^\s*\$\{\{(.*)\}\}\s*$/s, '$1')
		.trim()
	const namesStatus = STATUS_FUNCTIONS.some((name) => text.includes(`${name}(`))
	if (!namesStatus && status !== 'success') return false
	const value = evaluate(text, contexts, status)
	return value !== false && value !== null && value !== '' && value !== 0
}
