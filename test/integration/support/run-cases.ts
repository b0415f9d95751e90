import { afterAll, beforeAll, describe, expect } from 'vitest'
import { temporaryFolder, type testWith } from '../../support/programs.ts'
import type { Case } from '../http-cases/case.ts'
import { type Told, undoDifferences } from './difference.ts'
import { everywhere, named } from './differences.ts'
import { createScope, type Scope } from './scope.ts'
import { type Exporter, type Modules, type Pair, reasonOf, startPair } from './side-by-side.ts'
import { fill, type Targets } from './targets.ts'

/** The modules that some cases need, each named by its number. */
function modulesOf(
  cases: readonly Case[],
  targets: Targets,
  wanted: (each: Case) => Case['http'] | undefined,
): Modules {
  const modules = cases.flatMap((each, at) => {
    const http = wanted(each)
    if (http === undefined) return []
    const { timeout } = each
    const section: unknown = JSON.parse(fill(JSON.stringify(http), targets))
    return [[`m${at}`, { http: section, ...(timeout !== undefined && { timeout }) }] as const]
  })
  return Object.fromEntries(modules)
}

/**
 * Defines a test for each case: blackbox_exporter and sonde, started once, must tell the same but for the differences
 * that the case names. Returns the names of those that were seen, once the tests have run.
 */
export function runCases(
  test: ReturnType<typeof testWith>,
  groups: Readonly<Record<string, readonly Case[]>>,
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
    const both = modulesOf(cases, targets, ({ http, older }) => (older === undefined ? http : undefined))
    pair = await startPair(scope, folder.path, both, {
      blackbox: modulesOf(cases, targets, ({ older }) => older),
      sonde: modulesOf(cases, targets, ({ http, older }) => (older === undefined ? undefined : http)),
      env: targets.env,
    })
  })
  afterAll(() => scope[Symbol.asyncDispose]())

  const probe = async (each: Case) => {
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
          expect.arrayContaining([...(each.differs ?? [])]),
        )
      })
    })
  }
  return seen
}
