import { beforeAll, describe, expect } from 'vitest'
import { temporaryFolder, testWith } from '../support/programs.ts'
import { addresses } from './http-cases/addresses.ts'
import { answers } from './http-cases/answers.ts'
import { bodies } from './http-cases/bodies.ts'
import type { Case } from './http-cases/case.ts'
import { sameInOlderWords } from './http-cases/newer.ts'
import { redirects } from './http-cases/redirects.ts'
import { requests } from './http-cases/requests.ts'
import { tls } from './http-cases/tls.ts'
import { everywhere, named, type Told, undoDifferences } from './support/differences.ts'
import { type Exporter, type Modules, type Pair, reasonOf, startPair } from './support/side-by-side.ts'
import { startTargets, type Targets } from './support/targets.ts'

const groups: Readonly<Record<string, readonly Case[]>> = {
  answers,
  requests,
  redirects,
  bodies,
  tls,
  addresses,
  sameInOlderWords,
}
const cases = Object.values(groups).flat()
const test = testWith('prometheus-blackbox-exporter')

const moduleOf = (each: Case) => `m${cases.indexOf(each)}`

/** The modules that the cases need, in the words of either exporter. */
function modulesOf(targets: Targets, wanted: (each: Case) => Case['http'] | false): Modules {
  const modules = cases.flatMap(each => {
    const http = wanted(each)
    if (http === false) return []
    const { timeout } = each
    const section: unknown = JSON.parse(targets.fill(JSON.stringify(http ?? {})))
    return [[moduleOf(each), { http: section, ...(timeout !== undefined && { timeout }) }] as const]
  })
  return Object.fromEntries(modules)
}

describe('blackbox_exporter and sonde, side by side', () => {
  let targets: Targets
  let pair: Pair
  const used = new Set<string>()

  beforeAll(async () => {
    const folder = await temporaryFolder()
    targets = await startTargets()
    pair = await startPair(
      folder.path,
      modulesOf(targets, each => each.older === undefined && each.http),
      {
        blackbox: modulesOf(targets, each => each.older ?? false),
        sonde: modulesOf(targets, each => each.older !== undefined && each.http),
      },
    )
    return async () => {
      for (const each of [pair, targets, folder]) await each[Symbol.asyncDispose]()
    }
  })

  for (const [group, members] of Object.entries(groups)) {
    describe(group, () => {
      test.each(members.map(each => [each.name, each] as const))('%s', async (_name, each) => {
        const question = { ...each, module: moduleOf(each), target: targets.fill(each.target) }
        const ask = async (exporter: Exporter): Promise<Told> => {
          const outcome = await exporter.ask(question)
          return { outcome, sent: targets.takeSent() }
        }
        const told = { blackbox: await ask(pair.blackbox), sonde: await ask(pair.sonde) }
        const { status } = told.sonde.outcome
        expect([status, reasonOf(told.sonde.outcome)]).toEqual([each.refused ?? 200, each.fails])

        const { blackbox, sonde, used: here } = undoDifferences(told, each.differs ?? [])
        for (const name of here) used.add(name)
        expect(sonde).toEqual(blackbox)
        expect(here, 'a difference that is named is not there').toEqual(
          expect.arrayContaining([...(each.differs ?? [])]),
        )
      })
    })
  }

  test('every difference that is named was seen', () => {
    expect([...used].sort()).toEqual([...Object.keys(everywhere), ...Object.keys(named)].sort())
  })
})
