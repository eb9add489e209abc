// Where the files of a release may lie beside the page's own server: a folder at an origin that the page was built to load from.
import * as v from 'valibot'

// Nothing that a Content-Security-Policy would read as more than one origin. Without TLS on this machine only, for tests.
const ORIGIN =
	/^(?:https:\/\/[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?|http:\/\/(?:localhost|127\.0\.0\.1))(?::\d{1,5})?(?=\/|$)/

/** Everything that runs this has it; the types of plain JavaScript do not. */
declare const URL: { canParse(text: string): boolean }

/** As in `https://models.example.org`. */
export const ModelOrigin = v.pipe(
	v.string(),
	v.maxLength(300),
	v.check(
		(text) => ORIGIN.exec(text)?.[0] === text && URL.canParse(text),
		'expected an origin like https://models.example.org, in lower case and without a path',
	),
)

/** As in `https://models.example.org/whichsub/20200602.0/`. */
export const ReleaseLocation = v.pipe(
	v.string(),
	v.check((text) => {
		const origin = originOf(text)
		const isFolder = /^(\/[\w.~%!$&'()*+,=:@-]+)*\/$/.test(text.slice(origin.length))
		// Ports and addresses of numbers can be out of range.
		return origin !== '' && isFolder && URL.canParse(text)
	}, 'expected a folder like https://models.example.org/20200602.0/'),
)

/** The origin that a location begins with; empty where it begins with none. */
export function originOf(location: string): string {
	return ORIGIN.exec(location)?.[0] ?? ''
}
