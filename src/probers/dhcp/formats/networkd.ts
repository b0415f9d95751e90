import { LeaseFileError } from '../failure.ts'
import { codeOf, type LeaseDetails, type Leases } from '../leases.ts'
import { hexOf } from './details.ts'
import { type LeaseFormat, type LeaseReader, noFacts, type ReaderOptions } from './format.ts'
import { type JsonHandler, JsonReader } from './json.ts'

const activeCode = codeOf('active')

/** systemd's USEC_INFINITY is 2^64 - 1, which is no number of JavaScript's. */
const infiniteMicroseconds = 1e19

const maxListed = 256

/** The members of a lease that are lists of numbers. */
const listNames = ['Address', 'HardwareAddress', 'ClientId'] as const

type ListName = (typeof listNames)[number]

/** A lease that is being read. */
interface Draft {
  readonly lists: { [Name in ListName]?: number[] }
  endSeconds: number | undefined
  hostname: string
}

// Where a bracket stands, by the keys that lead there; no key holds a raw newline.
const root = ''
const leasesPath = '\nLeases'
const leasePath = `${leasesPath}\n`

/** The address in network order; undefined when it is none. */
function addressOf(octets: readonly number[] | undefined): number | undefined {
  if (octets?.length !== 4 || !octets.every(octet => octet >= 0 && octet <= 255 && Number.isInteger(octet)))
    return undefined
  return octets.reduce((address, octet) => address * 256 + octet, 0)
}

/** What a JSON string stands for. */
function textIn(spelling: Uint8Array): string {
  try {
    return String(JSON.parse(`"${Buffer.from(spelling).toString()}"`))
  } catch {
    return ''
  }
}

const detailsOf = ({ lists, hostname }: Draft): LeaseDetails => ({
  hwaddr: hexOf(Uint8Array.from(lists.HardwareAddress ?? [])),
  clientId: hexOf(Uint8Array.from(lists.ClientId ?? [])),
  hostname,
})

/** Gathers the leases of a JSON text: of its `Leases`, or of the list that was all there is in the first form. */
function createHandler(finish: (lease: Draft) => void): JsonHandler {
  const paths: string[] = []
  let draft: Draft | undefined
  let list: number[] | undefined

  return {
    open(bracket, key) {
      const outer = paths.at(-1)
      const path = outer === undefined ? (bracket === '[' ? leasesPath : root) : `${outer}\n${key ?? ''}`
      paths.push(path)
      const name = outer === leasePath && bracket === '[' ? listNames.find(own => own === key) : undefined
      if (path === leasePath && bracket === '{') draft = { lists: {}, endSeconds: undefined, hostname: '' }
      else if (name !== undefined && draft !== undefined) {
        list = []
        draft.lists[name] = list
      } else list = undefined
    },
    close() {
      list = undefined
      if (paths.pop() !== leasePath || draft === undefined) return
      finish(draft)
      draft = undefined
    },
    scalar(text, isString, key) {
      if (!isString && list !== undefined && list.length < maxListed) list.push(Number(text.toString()))
      if (draft === undefined || paths.at(-1) !== leasePath) return
      if (isString && key === 'Hostname') draft.hostname = textIn(text)
      if (isString || key !== 'ExpirationRealtimeUSec') return
      const microseconds = Number(text.toString())
      if (microseconds >= infiniteMicroseconds) draft.endSeconds = Number.POSITIVE_INFINITY
      else if (microseconds >= 0) draft.endSeconds = microseconds / 1e6
    },
  }
}

function createReader(leases: Leases, { family }: ReaderOptions): LeaseReader {
  let firstMalformed: string | undefined

  function skip(): void {
    leases.skip()
    firstMalformed ??= `octet ${json.offset}`
  }

  function finish(lease: Draft): void {
    if (family === 'ipv6') throw new LeaseFileError('wrong_family', 'a lease file of systemd-networkd, expected ipv6')
    const address = addressOf(lease.lists.Address)
    if (address === undefined || lease.endSeconds === undefined) skip()
    else {
      leases.count()
      leases.putIpv4(address, activeCode, lease.endSeconds, 0, leases.keepsDetails ? detailsOf(lease) : undefined)
    }
  }

  const json = new JsonReader(createHandler(finish))

  return {
    feed(chunk) {
      const wasBroken = json.isBroken
      json.feed(chunk)
      if (json.isBroken && !wasBroken) skip()
    },
    end: () => ({
      facts: { ...noFacts, incompleteTail: json.isIncomplete, family: 'ipv4', firstMalformed },
      checkpoint: undefined,
    }),
  }
}

/** How a file begins, without white space. */
const beginnings = ['{"BootID":', '{"Address":', '{"PrefixLength":', '{"Leases":', '[{"', '{}', '[]']

/** systemd-networkd: a JSON object with a list of leases, replaced as a whole and removed when there is no lease. */
export const networkd: LeaseFormat = {
  name: 'systemd-networkd',
  knows: {
    ipv4: { types: ['address'], states: ['active', 'expired'] },
    ipv6: { types: [], states: [] },
  },
  rewrittenInPlace: false,
  mayBegin: text => {
    const dense = text.replace(/\s+/g, '')
    return dense !== '' && beginnings.some(own => own.startsWith(dense) || (dense.startsWith(own) && own.length > 2))
  },
  createReader,
}
