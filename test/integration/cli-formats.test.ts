import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import fc from 'fast-check'
import { expect } from 'vitest'
import { junit } from '../../src/cli/formats/junit.ts'
import { prom } from '../../src/cli/formats/prom.ts'
import type { Report } from '../../src/cli/run/task.ts'
import { aReport, mixed, outcome, report, task } from '../cli/reports.ts'
import { run, temporaryFolder, testWith } from '../support/programs.ts'

const fixture = (path: string) => new URL(`../${path}`, import.meta.url).pathname

testWith('xmllint')('junit is valid, whatever a target says', async () => {
  await using folder = await temporaryFolder()
  const reports: readonly Report[] = [mixed(), ...fc.sample(aReport, 300)]
  const files = await Promise.all(
    reports.map(async (of, index) => {
      const file = join(folder.path, `${index}.xml`)
      await writeFile(file, await junit.print(of, { color: false }))
      return file
    }),
  )
  const { status, stderr } = run('xmllint', ['--noout', '--schema', fixture('fixtures/junit/junit.xsd'), ...files])
  expect(stderr.split('\n').filter(line => line !== '' && !line.endsWith(' validates'))).toEqual([])
  expect(status).toBe(0)
})

testWith('xmllint')('the schema refuses what is not JUnit', async () => {
  await using folder = await temporaryFolder()
  const file = join(folder.path, 'bad.xml')
  const good = await junit.print(mixed(), { color: false })
  for (const bad of [
    good.replace('time="0.012"', 'time="soon"'),
    good.replace('<failure ', '<failed ').replace('</failure>', '</failed>'),
  ]) {
    await writeFile(file, bad)
    expect(run('xmllint', ['--noout', '--schema', fixture('fixtures/junit/junit.xsd'), file]).status).not.toBe(0)
  }
})

testWith('promtool')('promtool accepts prom, whatever a target is called', async () => {
  const families = [
    { name: 'probe_success', help: 'Whether.', type: 'gauge' as const, samples: [{ labels: {}, value: 1 }] },
  ]
  const outcomes = fc.sample(aReport, 50).flatMap(of => of.outcomes.map(one => ({ ...one, families })))
  const text = await prom.print(report([outcome(task('x'), { families }), ...outcomes]), { color: false })
  expect(run('promtool', ['check', 'metrics'], text)).toMatchObject({ status: 0, stderr: '' })
})

testWith('mandoc')('the man page is in order', () => {
  const { status, stdout, stderr } = run('mandoc', ['-Tlint', fixture('../man/sonde.1')])
  expect([status, stdout, stderr]).toEqual([0, '', ''])
})
