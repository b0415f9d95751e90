import { escapeMarkup } from '../../kit/text.ts'

/** Text that is already HTML. */
export interface Html {
  readonly html: string
}

type Part = string | number | false | undefined | Html | readonly Part[]

const htmlOf = (part: Part): string => {
  if (part === undefined || part === false) return ''
  if (typeof part === 'string' || typeof part === 'number') return escapeMarkup(String(part))
  return 'html' in part ? part.html : part.map(htmlOf).join('')
}

/** A template whose every part is escaped unless it is `Html` itself; undefined and false are nothing. */
export const html = (texts: TemplateStringsArray, ...parts: readonly Part[]): Html => ({
  html: texts.reduce((page, text, index) => page + htmlOf(parts[index - 1]) + text),
})
