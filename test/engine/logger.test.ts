import { describe, expect, test } from 'vitest'
import { createLogger } from '../../src/engine/logger.ts'
import { createRecorder } from '../../src/engine/probe-log.ts'

function logged(format: 'logfmt' | 'json', level: 'debug' | 'warn' = 'debug') {
  const lines: string[] = []
  return { lines, log: createLogger({ level, format, write: line => void lines.push(line) }, { module: 'm' }) }
}

describe('createLogger', () => {
  test('logfmt: one line, quoted when needed', () => {
    const { lines, log } = logged('logfmt')
    log.info('two words', {
      plain: 'x',
      spaced: 'a b',
      quoted: 'say "x"\nnow',
      number: 1.5,
      missing: undefined,
      empty: '',
    })
    expect(lines[0]).toMatch(
      /^time=\d{4}-\d\d-\d\dT[\d:.]+Z level=INFO msg="two words" module=m plain=x spaced="a b" quoted="say \\"x\\"\\nnow" number=1\.5 empty=""\n$/,
    )
  })

  test('json: the same keys', () => {
    const { lines, log } = logged('json')
    log.error('failed', { error: 'a\nb' })
    expect(JSON.parse(lines[0] ?? '')).toMatchObject({ level: 'ERROR', msg: 'failed', module: 'm', error: 'a\nb' })
    expect(lines[0]?.split('\n')).toHaveLength(2)
  })

  test('what is below the level is dropped', () => {
    const { lines, log } = logged('logfmt', 'warn')
    log.debug('a')
    log.info('b')
    log.warn('c')
    log.error('d')
    expect(lines).toHaveLength(2)
  })
})

test('a recorder keeps a bounded number of lines and counts the rest', () => {
  const { log: next, lines } = logged('logfmt')
  const recorder = createRecorder(next, performance.now())
  for (let index = 0; index < 1200; index++) recorder.log.debug(`line ${index}`)
  expect([recorder.entries.length, recorder.omitted, lines.length]).toEqual([1000, 200, 1200])
})
