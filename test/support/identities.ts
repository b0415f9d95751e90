import { readFileSync } from 'node:fs'

const folder = new URL('../fixtures/tls/', import.meta.url)

/** The path of a test certificate or key. */
export const pemFile = (name: string): string => new URL(name, folder).pathname

export const pem = (name: string): string => readFileSync(pemFile(name), 'utf8')

/** Key and chain of a test server. */
export const identity = (name: string, ...others: readonly string[]) => ({
  key: pem(`${name}.key`),
  cert: [`${name}.crt`, ...others].map(pem).join(''),
})
