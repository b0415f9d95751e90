import { unmapped } from '../../kit/net/address.ts'
import { addressOptions, bool, integer, ipAddress, z } from '../../kit/options.ts'
import { checkExpect, expectOption, withExpectedType } from './checks/expect-options.ts'
import { checkHeaderChecks, headerCheckOptions, sectionRuleOptions } from './checks/options.ts'
import { checkDnssec, dnssec } from './dnssec/options.ts'
import { edns } from './edns-options.ts'
import { allowParams } from './param-options.ts'
import { emptyMeans, type QueryName, queryClass, queryName, rcode, recordType } from './question-options.ts'
import { perRecordTtlOption } from './record-metrics.ts'
import { checkSoa, soaOption } from './soa/options.ts'
import { checkTransport, transportOptions } from './transport/options.ts'

interface Named {
  readonly query_name?: QueryName | undefined
  readonly allow_params: readonly string[]
}

function checkName({ query_name, allow_params }: Named, issues: z.RefinementCtx): void {
  if (query_name !== undefined || allow_params.includes('query_name')) return
  issues.addIssue({ code: 'custom', path: ['query_name'], message: 'missing: expected text' })
}

const section = z
  .strictObject({
    ...addressOptions,
    source_ip_address: z
      .literal('')
      .or(ipAddress().transform(unmapped))
      .default('')
      .describe('Local address to send from; empty leaves the choice to the system.'),
    ...transportOptions,
    query_name: queryName()
      .optional()
      .describe(
        'Name to ask for; master-file escapes such as \\. and \\000 are understood. Required unless allow_params has it.',
      ),
    query_type: emptyMeans(undefined, recordType().optional())
      .optional()
      .describe('Type to ask for, by name or as TYPEnn; ANY when absent, which many servers refuse or shorten.'),
    query_class: emptyMeans('IN', queryClass())
      .prefault('IN')
      .describe('Class to ask for: IN, CS, CH (or CHAOS), HS, NONE or ANY.'),
    recursion_desired: bool().default(true).describe('Set the RD bit: ask the server to look elsewhere.'),
    checking_disabled: bool()
      .default(false)
      .describe('Set the CD bit: get the answer of a validating resolver even if it does not validate.'),
    retries: integer(0, 10)
      .default(0)
      .describe('Ask so many times again when there is no answer; all tries share the one deadline evenly.'),
    allow_params: allowParams(),
    valid_rcodes: z
      .array(rcode())
      .min(1)
      .prefault(['NOERROR'])
      .describe('Response codes that count as success; replaces the default.'),
    ...sectionRuleOptions,
    ...headerCheckOptions,
    expect: expectOption(),
    per_record_ttl: perRecordTtlOption(),
    edns: edns(),
    dnssec: dnssec(),
    soa: soaOption(),
  })
  .superRefine((config, issues) => {
    checkTransport(config, issues)
    checkName(config, issues)
    checkHeaderChecks(config, issues)
    checkExpect(config, issues)
    checkSoa(config, issues)
    checkDnssec(config, issues)
  })

/** The section `dns` of a module: blackbox_exporter's keys, then our own. */
export const options = z.preprocess(withExpectedType, section)

export type DnsOptions = z.output<typeof options>
