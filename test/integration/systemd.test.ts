import { readFileSync } from 'node:fs'
import { copyFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect } from 'vitest'
import { findProgram, run, runSonde, temporaryFolder, testWith } from '../support/programs.ts'

const test = testWith('systemd-analyze')
const analyze = findProgram('systemd-analyze') ?? 'systemd-analyze'
const folder = new URL('../../examples/systemd/', import.meta.url).pathname
const unit = readFileSync(`${folder}sonde.service`, 'utf8')

describe('the systemd units', () => {
  test('systemd-analyze verify has nothing to say', async () => {
    await using copy = await temporaryFolder()
    const file = join(copy.path, 'sonde.service')
    await writeFile(file, unit.replace('/usr/bin/sonde', process.execPath)) // it wants a program that is there
    await copyFile(`${folder}sonde.socket`, join(copy.path, 'sonde.socket'))
    const files = [file, join(copy.path, 'sonde.socket')]
    expect(run(analyze, ['verify', '--man=no', ...files])).toEqual({ status: 0, stdout: '', stderr: '' })
  })

  test('its exposure is 2.0 or better', () => {
    const { status, stdout } = run(analyze, ['security', '--offline=true', '--threshold=20', `${folder}sonde.service`])
    expect([status, stdout]).toEqual([0, expect.stringContaining('Overall exposure level')])
  })

  test('the shutdown fits into the time that systemd gives', () => {
    expect(Number(/^TimeoutStopSec=(\d+)$/m.exec(unit)?.[1])).toBeGreaterThan(30 + 1)
    expect(runSonde(['serve', '--help']).stdout).toMatch(/--shutdown\.timeout[\s\S]*?\(default: 30s/)
  })

  test('sonde takes its command line, and the variables of its environment file', () => {
    const line = /^ExecStart=\/usr\/bin\/sonde (.*) \$ARGS$/m.exec(unit)?.[1]?.split(' ') ?? []
    const checked = [...line, '--web.systemd-socket'].map(arg =>
      arg.replace('/etc/sonde/', new URL('../../', import.meta.url).pathname),
    )
    expect(runSonde([...checked, '--config.check'])).toMatchObject({ status: 0, stderr: '' })
    const names = [...readFileSync(`${folder}sonde.default`, 'utf8').matchAll(/^#(SONDE_\w+)=/gm)].map(
      match => match[1],
    )
    const help = runSonde(['serve', '--help']).stdout.replace(/\s+/g, ' ')
    expect(names.length).toBeGreaterThan(2)
    expect(names.filter(name => !help.includes(`env: ${name})`) && !help.includes(`env: ${name},`))).toEqual([])
  })
})
