export type Options = Readonly<Record<string, unknown>>

/** One probe, asked of both exporters. `(name)` stands for the address of that server, also in the options. */
export interface Case<Name extends string = string> {
  readonly name: string
  readonly target: string
  /** The prober's section of the module. */
  readonly section: Options
  /** The same in the words of blackbox_exporter 0.23.0, where `section` has keys that are newer. */
  readonly older?: Options
  /** The module's. */
  readonly timeout?: string
  readonly hostname?: string
  readonly scrapeTimeoutSeconds?: number
  /** Why sonde's probe fails; absent: it succeeds. */
  readonly fails?: string
  /** The status of `/probe` itself; 200 unless given. */
  readonly refused?: number
  /** Some of what sonde tells. */
  readonly shows?: Readonly<Record<string, number>>
  /** The documented differences that it shows, each of which must be there. */
  readonly differs?: readonly Name[]
}

type More<Name extends string> = Omit<Case<Name>, 'name' | 'target' | 'section'>

/** A case in a line: what fails may stand for all that is said of it besides. */
export const caseOf = <Name extends string>(
  name: string,
  target: string,
  section: Options = {},
  more: More<Name> | string = {},
): Case<Name> => ({ name, target, section, ...(typeof more === 'string' ? { fails: more } : more) })

export const ip4 = { preferred_ip_protocol: 'ip4' }
