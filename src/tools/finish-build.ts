import { spawnSync } from 'node:child_process'
import { chmodSync, writeFileSync } from 'node:fs'

const dist = new URL('../../dist/', import.meta.url)

chmodSync(new URL('main.js', dist), 0o755) // npx runs it as a program

// What `sonde --version` calls the revision; a build outside of a checkout has none.
const { stdout } = spawnSync('git', ['rev-parse', '--short', 'HEAD'], { encoding: 'utf8' })
if (stdout) writeFileSync(new URL('revision', dist), stdout)
