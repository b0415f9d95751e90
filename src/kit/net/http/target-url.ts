import { BadRequest } from '../../failure.ts'
import { requestPath } from './request-path.ts'

/** A target that is a URL. */
export interface TargetUrl {
  readonly url: URL
  /** Path and query to ask for, as they were written. */
  readonly path: string
}

const maxLength = 2048

// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what it refuses
const unfit = /[\u0000-\u001f\u007f]|^[^?]*\\/

function parseUrl(target: string): URL {
  if (target.length > maxLength) throw new BadRequest(`malformed target: longer than ${maxLength} characters`)
  if (unfit.test(target) || target.trim() !== target) {
    throw new BadRequest('malformed target: it holds control characters, backslashes or outer spaces')
  }
  const scheme = /^([a-z][a-z0-9+.-]*):\/\//i.exec(target)?.[1]?.toLowerCase()
  if ((scheme !== undefined && scheme !== 'http' && scheme !== 'https') || /^https?:(?!\/\/|\d)/i.test(target)) {
    throw new BadRequest('malformed target: expected an http or https URL')
  }
  const text = scheme === undefined ? `http://${target}` : target
  if (!/^https?:\/\/[^/?#]/i.test(text) || !URL.canParse(text)) {
    throw new BadRequest('malformed target: expected a URL or a host name')
  }
  const url = new URL(text)
  if (url.username !== '' || url.password !== '' || /^[^/]*\/\/[^/?#]*@/.test(text)) {
    throw new BadRequest('malformed target: user name and password belong into the module')
  }
  if (text.includes('#')) throw new BadRequest('malformed target: a fragment is never sent')
  return url
}

/**
 * Reads a target; `http://` is put in front of one without a scheme. Throws `BadRequest` for other schemes, user names,
 * fragments and whatever is no URL.
 */
export const parseTargetUrl = (target: string): TargetUrl => ({
  url: parseUrl(target),
  path: requestPath(target.replace(/^(?:https?:\/\/)?[^/?]*/i, '')),
})
