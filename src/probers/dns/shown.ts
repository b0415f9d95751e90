const maxShown = 200

/** The beginning of a text that a target can make as long as it likes. */
export const shown = (text: string) => (text.length > maxShown ? `${text.slice(0, maxShown)}…` : text)
