// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what it looks for
const control = /[\u0000-\u001f\u007f-\u009f\u2028\u2029]/g

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}

/** Text as it may stand in HTML and XML, between tags and in quoted attributes. */
export const escapeMarkup = (text: string): string => text.replace(/[&<>"']/g, character => entities[character] ?? '')

/**
 * Makes text that a target chose fit for a label value or a log line: control characters become `�`, lone surrogates
 * too, and it is cut to `maxLength` UTF-16 units without splitting a character.
 */
export function safeText(text: string, maxLength = 255): string {
  const clean = text
    .slice(0, maxLength + 1)
    .toWellFormed()
    .replace(control, '\ufffd')
  if (clean.length <= maxLength) return clean
  return clean.slice(0, maxLength).replace(/[\ud800-\udbff]$/, '')
}
