import { AppError } from '../../shared/app-error.ts'

/** @param why as in: `it ends too early` */
export function damaged(why: string): AppError {
	return new AppError('damaged', `the packed model is damaged: ${why}; get or publish it again`)
}
