// The OpenAPI 3.1 document of the API, made from the schemas that its requests and answers are held to.
import { toJsonSchema } from '@valibot/to-json-schema'
import type { GenericSchema } from 'valibot'
import { PROBLEM_TYPE } from './problem.ts'
import { PredictRequest, PredictResponse, Problem } from './schemas.ts'

const PROBLEMS: Readonly<Record<number, string>> = {
	400: 'The body is not JSON in UTF-8',
	404: 'There is no such release, or its model is not kept',
	405: 'The method is not POST',
	413: 'The body is larger than 4 MiB',
	415: 'The body is not application/json, or it is packed',
	422: 'The JSON is not what the schema says, for example more than 1,000 titles',
	500: 'An error of the server',
	503: 'The release can not be read, or too many titles wait: Retry-After says when to come back',
}

/** The text of /api/openapi.json. */
export function formatOpenApi(): string {
	return JSON.stringify({
		openapi: '3.1.0',
		info: {
			title: 'whichsub',
			version: '1',
			summary: 'The subreddits that a title belongs to, as the page suggests them',
			license: { name: 'MIT', identifier: 'MIT' },
		},
		paths: {
			'/api/predict': { post: predictOperation() },
			'/api/openapi.json': { get: documentOperation() },
		},
		components: {
			schemas: {
				PredictRequest: schemaOf(PredictRequest),
				PredictResponse: schemaOf(PredictResponse),
				Problem: schemaOf(Problem),
			},
		},
	})
}

function predictOperation(): object {
	const problems = Object.entries(PROBLEMS).map(([status, description]) => [
		status,
		{ description, content: contentOf(PROBLEM_TYPE, 'Problem') },
	])
	return {
		operationId: 'predict',
		summary: 'Suggest subreddits for up to 1,000 titles',
		requestBody: { required: true, content: contentOf('application/json', 'PredictRequest') },
		responses: {
			200: {
				description: 'An answer for each title',
				content: contentOf('application/json', 'PredictResponse'),
			},
			...Object.fromEntries(problems),
		},
	}
}

function documentOperation(): object {
	return {
		operationId: 'describe',
		summary: 'This document',
		responses: {
			200: {
				description: 'An OpenAPI 3.1 document',
				content: { 'application/json': { schema: { type: 'object' } } },
			},
		},
	}
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
