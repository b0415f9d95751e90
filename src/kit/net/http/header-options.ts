import { validateHeaderName } from 'node:http'
import { secret, text, z } from '../../options.ts'

/** The name of a header. */
export const headerName = () =>
  z.string().refine(
    name => {
      try {
        validateHeaderName(name)
        return true
      } catch {
        return false
      }
    },
    { error: 'expected the name of an HTTP header' },
  )

// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what it refuses
const unfitInHeader = /[\u0000-\u0008\u000a-\u001f\u007f]/

const fitsHeader = (value: string) => !unfitInHeader.test(value)
const badHeaderValue = { error: 'expected a header value without control characters' }

/** A value that goes into a header as it stands. */
export const headerValue = () => text().refine(fitsHeader, badHeaderValue)

/** Like `headerValue`, for one that is secret. */
export const headerSecret = () => secret().refine(value => fitsHeader(value.reveal()), badHeaderValue)
