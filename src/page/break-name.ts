// Where the name of a subreddit may be broken into lines. Pure.

/** @returns the name in parts, each of which may begin a line: `r/LastWar_Mobile` as `r/Last`, `War_`, `Mobile` */
export function breakName(name: string): string[] {
	return name.replace(/[a-z\d](?=[A-Z])|_(?=.)/g, '$& ').split(' ')
}
