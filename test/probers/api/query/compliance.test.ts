import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { QueryError } from '../../../../src/probers/api/query/query.ts'
import { findValues } from './support.ts'

interface Case {
  readonly name: string
  readonly selector: string
  readonly document?: unknown
  readonly result?: readonly unknown[]
  /** Where the order is left open: every one that is right. */
  readonly results?: readonly (readonly unknown[])[]
  readonly invalid_selector?: boolean
}

const file = new URL('../../../fixtures/jsonpath/cts.json', import.meta.url)
const { tests }: { readonly tests: readonly Case[] } = JSON.parse(readFileSync(file, 'utf8'))

describe('the compliance test suite of RFC 9535', () => {
  test.each(tests.filter(({ invalid_selector }) => invalid_selector))('$name', ({ selector }) => {
    expect(() => findValues(selector, null)).toThrow(QueryError)
  })

  test.each(tests.filter(({ invalid_selector }) => !invalid_selector))(
    '$name',
    ({ selector, document, result, results }) => {
      const right = results ?? [result]
      expect(right).toContainEqual(findValues(selector, document))
      // The same from an item, in the form without `$`.
      const relative = selector.replace(/^\$(?=[[\s]|$)/, '.').replace(/^\$/, '')
      if (!/^\.\s/.test(relative)) expect(right).toContainEqual(findValues(relative, document))
    },
  )
})
