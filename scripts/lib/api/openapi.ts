// The OpenAPI 3.1 document of the API, made from the schemas that its requests and answers are held to.
import { toJsonSchema } from '@valibot/to-json-schema'
import type { GenericSchema } from 'valibot'
import {
	CollectsPicks,
	PicksKept,
	PicksTakenBack,
	SendPicks,
	TakeBackPicks,
} from '../../../src/shared/sent-picks.ts'
import { PROBLEM_TYPE } from './problem.ts'
import { PredictRequest, PredictResponse, Problem } from './schemas.ts'

type Problems = Readonly<Record<number, string>>

const BODY_PROBLEMS: Problems = {
	400: 'The body is not JSON in UTF-8',
	405: 'The method is not POST',
	413: 'The body is too large',
	415: 'The body is not application/json, or it has a Content-Encoding',
	422: 'The JSON does not match the schema',
	500: 'A bug of the server',
}
const PREDICT_PROBLEMS: Problems = {
	...BODY_PROBLEMS,
	404: 'There is no such release, or its model is not kept',
	503: 'The release can not be read, or too many titles wait: Retry-After says when to try again',
}
const COLLECT_PROBLEMS: Problems = {
	...BODY_PROBLEMS,
	403: 'The request does not come from the page of this server, or its proxy names no address',
	429: 'Too many requests or picks from this address, or from all together: Retry-After says when to try again',
	503: 'The database can store nothing now: Retry-After says when to try again',
}

/** The text of /api/openapi.json. @param collects whether picks are taken */
export function formatOpenApi({ collects }: { readonly collects: boolean }): string {
	return JSON.stringify({
		openapi: '3.1.0',
		info: {
			title: 'whichsub',
			version: '1',
			summary: 'The subreddits that a title belongs to, as the page suggests them',
			license: { name: 'MIT', identifier: 'MIT' },
		},
		paths: {
			'/api/predict': {
				post: {
					operationId: 'predict',
					summary: 'Suggest subreddits for up to 1,000 titles',
					...exchange('PredictRequest', 'PredictResponse', PREDICT_PROBLEMS),
				},
			},
			...(collects ? COLLECT_PATHS : {}),
			'/api/openapi.json': { get: DESCRIBE },
		},
		components: {
			schemas: {
				PredictRequest: schemaOf(PredictRequest),
				PredictResponse: schemaOf(PredictResponse),
				Problem: schemaOf(Problem),
				...(collects
					? {
							SendPicks: schemaOf(SendPicks),
							PicksKept: schemaOf(PicksKept),
							TakeBackPicks: schemaOf(TakeBackPicks),
							PicksTakenBack: schemaOf(PicksTakenBack),
							CollectsPicks: schemaOf(CollectsPicks),
						}
					: {}),
			},
		},
	})
}

const COLLECT_PATHS = {
	'/api/collect': {
		get: {
			operationId: 'collects',
			summary: 'Whether this server accepts picks',
			responses: {
				200: {
					description: 'It accepts picks',
					content: contentOf('application/json', 'CollectsPicks'),
				},
			},
		},
	},
	'/api/feedback': {
		post: {
			operationId: 'sendPicks',
			summary: 'Store picks, each once; they are in the database before the answer',
			...exchange('SendPicks', 'PicksKept', COLLECT_PROBLEMS),
		},
	},
	'/api/feedback/take-back': {
		post: {
			operationId: 'takeBackPicks',
			summary: 'Remove picks that were sent with the same secret',
			...exchange('TakeBackPicks', 'PicksTakenBack', COLLECT_PROBLEMS),
		},
	},
}

/** JSON in, JSON out, or a problem. */
function exchange(request: string, response: string, problems: Problems): object {
	const responses = Object.entries(problems).map(([status, description]) => [
		status,
		{ description, content: contentOf(PROBLEM_TYPE, 'Problem') },
	])
	return {
		requestBody: { required: true, content: contentOf('application/json', request) },
		responses: {
			200: { description: 'Done', content: contentOf('application/json', response) },
			...Object.fromEntries(responses),
		},
	}
}

const DESCRIBE = {
	operationId: 'describe',
	summary: 'This document',
	responses: {
		200: {
			description: 'An OpenAPI 3.1 document',
			content: { 'application/json': { schema: { type: 'object' } } },
		},
	},
}

function contentOf(mediaType: string, name: string): object {
	return { [mediaType]: { schema: { $ref: `#/components/schemas/${name}` } } }
}

function schemaOf(schema: GenericSchema): object {
	// What JSON Schema can't say (days that exist) is said by a 422.
	const { $schema: _, ...rest } = toJsonSchema(schema, {
		target: 'draft-2020-12',
		typeMode: 'input',
		errorMode: 'ignore',
	})
	return rest
}
