import { afterAll, beforeAll, describe, expect } from 'vitest'
import { temporaryFolder, type testWith } from '../../support/programs.ts'
import type { Case, Options } from './case.ts'
import { type Difference, type Told, undoDifferences } from './difference.ts'
import { createScope, type Scope } from './scope.ts'
import { type Exporter, type Modules, type Pair, reasonOf, startPair } from './side-by-side.ts'
import { fill, type Targets } from './targets.ts'

/** Which prober is compared, and what it does otherwise. */
export interface Comparison<Name extends string> {
  readonly prober: string
  /** The differences that any case may show. */
  readonly everywhere: Readonly<Record<string, Difference>>
  /** Those that a case has to name. */
  readonly named: Readonly<Record<Name, Difference>>
}

/** The modules that some cases need, each named by its number. */
function modulesOf(
  prober: string,
  cases: readonly Case[],
  targets: Targets,
  wanted: (each: Case) => Options | undefined,
): Modules {
  const modules = cases.flatMap((each, at) => {
    const wantedSection = wanted(each)
    if (wantedSection === undefined) return []
    const { timeout = '5s' } = each
    const section: unknown = JSON.parse(fill(JSON.stringify(wantedSection), targets))
    return [[`m${at}`, { prober, timeout, [prober]: section }] as const]
  })
  return Object.fromEntries(modules)
}

/**
 * Defines a test for each case: blackbox_exporter and sonde, started once, must tell the same but for the differences
 * that the case names. Returns the names of those that were seen, once the tests have run.
 */
export function runCases<Name extends string>(
  test: ReturnType<typeof testWith>,
  { prober, everywhere, named }: Comparison<Name>,
  groups: Readonly<Record<string, readonly Case<Name>[]>>,
  startTargets: (scope: Scope, folder: string) => Promise<Targets>,
): ReadonlySet<string> {
  const cases = Object.values(groups).flat()
  const seen = new Set<string>()
  let targets: Targets
  let pair: Pair

  const scope = createScope()
  beforeAll(async () => {
    const folder = scope.add(await temporaryFolder())
    targets = await startTargets(scope, folder.path)
    const modules = (wanted: (each: Case) => Options | undefined) => modulesOf(prober, cases, targets, wanted)
    const both = modules(({ section, older }) => (older === undefined ? section : undefined))
    pair = await startPair(scope, folder.path, both, {
      blackbox: modules(({ older }) => older),
      sonde: modules(({ section, older }) => (older === undefined ? undefined : section)),
      env: targets.env,
    })
  })
  afterAll(() => scope[Symbol.asyncDispose]())

  const probe = async (each: Case<Name>) => {
    const question = { ...each, module: `m${cases.indexOf(each)}`, target: fill(each.target, targets) }
    const ask = async (exporter: Exporter): Promise<Told> => {
      const outcome = await exporter.ask(question)
      return { outcome, sent: targets.takeSent() }
    }
    return { blackbox: await ask(pair.blackbox), sonde: await ask(pair.sonde) }
  }

  for (const [group, members] of Object.entries(groups)) {
    describe(group, () => {
      test.each(members.map(each => [each.name, each] as const))('%s', async (_name, each) => {
        const told = await probe(each)
        const { status, series } = told.sonde.outcome
        expect([status, reasonOf(told.sonde.outcome)]).toEqual([each.refused ?? 200, each.fails])
        expect(series).toMatchObject(each.shows ?? {})

        const differs = (each.differs ?? []).map(name => [name, named[name]] as const)
        const { blackbox, sonde, used } = undoDifferences(told, { ...everywhere, ...Object.fromEntries(differs) })
        for (const name of used) seen.add(name)
        expect(sonde).toEqual(blackbox)
        expect(used, 'a difference that is named is not there').toEqual(
          expect.arrayContaining<string>([...(each.differs ?? [])]),
        )
      })
    })
  }
  return seen
}
