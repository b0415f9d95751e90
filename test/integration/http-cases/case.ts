import { pemFile } from '../../support/identities.ts'
import { type Case as AnyCase, caseOf, ip4, type Options } from '../support/case.ts'
import type { DifferenceName } from '../support/differences.ts'

export { ip4, type Options }

export type Case = AnyCase<DifferenceName>

export const ask = caseOf<DifferenceName>

/** Options that trust the authority of the test servers. */
export const trusting = (tls: Options = {}): Options => ({ ...ip4, tls_config: { ca_file: pemFile('ca.crt'), ...tls } })

/** A path that redirects there. */
export const to = (location: string, status = 302): string => `/to/${status}/${encodeURIComponent(location)}`
