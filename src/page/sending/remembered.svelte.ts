// What was answered to the question whether picks may be sent, as the page knows it at once: who was never asked loads nothing of
// sending. The database says what holds. Main thread.
import { nameForSite } from '../../shared/site-name.ts'

type Answer = 'yes' | 'no'

class Remembered {
	/** Null where nobody has answered yet. */
	answer = $state<Answer | null>(read())

	set(answer: Answer): void {
		this.answer = answer
		try {
			localStorage.setItem(name(), answer)
		} catch {}
	}
}

function name(): string {
	return nameForSite('whichsub-sending', document.baseURI)
}

function read(): Answer | null {
	try {
		const answer = localStorage.getItem(name())
		return answer === 'yes' || answer === 'no' ? answer : null
	} catch {
		return null
	}
}

export const remembered = new Remembered()
