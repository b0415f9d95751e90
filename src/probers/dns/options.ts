import { tlsConfig } from '../../kit/net/tls/options.ts'
import { addressOptions, bool, dumps, integer, ipAddress, pattern, text, z } from '../../kit/options.ts'
import { classCode, className, rcodeCode, rcodeName, typeCode, typeName } from './wire/iana.ts'
import type { Name } from './wire/name.ts'
import { parseName } from './wire/parse-name.ts'

/** A name as it was written, for labels and logs, and as octets. */
export interface QueryName {
  readonly text: string
  readonly name: Name
}

const queryName = () =>
  text()
    .transform((value, issues): QueryName => {
      try {
        return { text: value, name: parseName(value) }
      } catch (error) {
        issues.addIssue({ code: 'custom', message: (error as Error).message })
        return z.NEVER
      }
    })
    .register(dumps, { dump: ({ text }: QueryName) => text })

/** Takes an empty text for an option that is not there, as blackbox_exporter does. */
const emptyMeans = <S extends z.ZodType>(fallback: string | undefined, schema: S) =>
  z.preprocess(value => (value === '' ? fallback : value), schema)

/** Text that stands for a number. */
const coded = (codeOf: (text: string) => number | undefined, nameOf: (code: number) => string, expected: string) =>
  text()
    .transform((value, issues) => {
      const code = codeOf(value)
      if (code !== undefined) return code
      issues.addIssue({ code: 'custom', message: `expected ${expected}` })
      return z.NEVER
    })
    .register(dumps, { dump: nameOf })

const recordType = () => coded(typeCode, typeName, 'a record type such as A, MX or TYPE65280')
const queryClass = () => coded(classCode, className, 'one of IN, CS, CH, HS, NONE, ANY')
const rcode = () => coded(rcodeCode, rcodeName, 'a response code such as NOERROR, NXDOMAIN or REFUSED')

const patterns = () => z.array(pattern()).default([])

const rules = () =>
  z
    .strictObject({
      fail_if_matches_regexp: patterns().describe('Fail when any record matches any of these patterns.'),
      fail_if_all_match_regexp: patterns().describe(
        'Fail when there are records and each matches all of these patterns; see all_match_semantics.',
      ),
      fail_if_not_matches_regexp: patterns().describe(
        'Fail when any record does not match one of these patterns, or there is no record.',
      ),
      fail_if_none_matches_regexp: patterns().describe('Fail when no record matches any of these patterns.'),
    })
    .prefault({})

const edns = () =>
  z
    .preprocess(
      value => {
        const word = bool().safeParse(value)
        return word.success && word.data ? {} : (word.data ?? value)
      },
      z.union([
        z.literal(false),
        z.strictObject({
          udp_size: integer(512, 65_535).default(1232).describe('Largest answer over UDP to ask for, in octets.'),
        }),
      ]),
    )
    .prefault({})

const ruleForm = 'RE2 patterns for the text `owner<TAB>ttl<TAB>class<TAB>type<TAB>data` of each record'

/** The section `dns` of a module: blackbox_exporter's keys, then our own. */
export const options = z
  .strictObject({
    ...addressOptions,
    source_ip_address: z
      .literal('')
      .or(ipAddress())
      .default('')
      .describe('Local address to send from; empty leaves the choice to the system.'),
    transport_protocol: emptyMeans('udp', z.enum(['udp', 'tcp']))
      .default('udp')
      .describe('Transport: udp or tcp.'),
    dns_over_tls: bool().default(false).describe('Ask over TLS (DoT), which needs transport_protocol tcp.'),
    tls_config: tlsConfig().optional().describe('TLS settings of dns_over_tls.'),
    query_name: queryName().describe('Name to ask for; master-file escapes such as \\. and \\000 are understood.'),
    query_type: emptyMeans(undefined, recordType().optional())
      .optional()
      .describe('Type to ask for, by name or as TYPEnn; ANY when absent, which many servers refuse or shorten.'),
    query_class: emptyMeans('IN', queryClass())
      .prefault('IN')
      .describe('Class to ask for: IN, CS, CH (or CHAOS), HS, NONE or ANY.'),
    recursion_desired: bool().default(true).describe('Set the RD bit: ask the server to look elsewhere.'),
    valid_rcodes: z
      .array(rcode())
      .min(1)
      .prefault(['NOERROR'])
      .describe('Response codes that count as success; replaces the default.'),
    validate_answer_rrs: rules().describe(`Checks of the answer section: ${ruleForm}.`),
    validate_authority_rrs: rules().describe(`Checks of the authority section: ${ruleForm}.`),
    validate_additional_rrs: rules().describe(`Checks of the additional section without its OPT record: ${ruleForm}.`),
    all_match_semantics: z
      .enum(['name', 'blackbox'])
      .default('name')
      .describe('Meaning of fail_if_all_match_regexp: as it is named, or inverted as in blackbox_exporter.'),
    edns: edns().describe(
      'EDNS in the query: `udp_size` (1232) is the largest answer over UDP to ask for; false leaves EDNS out, as blackbox_exporter does.',
    ),
    tcp_fallback: bool()
      .default(true)
      .describe('Ask again over TCP when the answer over UDP is truncated; with false that fails the probe.'),
  })
  .superRefine(({ dns_over_tls, transport_protocol }, issues) => {
    if (!dns_over_tls || transport_protocol === 'tcp') return
    issues.addIssue({ code: 'custom', path: ['dns_over_tls'], message: 'dns_over_tls needs transport_protocol: tcp' })
  })

export type DnsOptions = z.output<typeof options>
