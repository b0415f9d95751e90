import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createLogger } from '../../src/engine/logger.ts'
import { createExporter, type Exporter, type ExporterSettings } from '../../src/exporter.ts'

/** A sonde of its own: real configuration file, real server on port 0. */
export interface Sonde extends AsyncDisposable {
  readonly url: string
  readonly exporter: Exporter
  readonly configFile: string
  /** Everything that was logged, a line each. */
  readonly lines: readonly string[]
  get(path: string, init?: RequestInit): Promise<Response>
  /** Stops accepting and lets running probes finish. */
  drain(graceMs?: number): Promise<void>
}

export interface SondeOptions extends Partial<ExporterSettings> {
  /** Folder of the configuration file; a temporary one unless given. */
  readonly configDir?: string
}

/** Starts sonde with this text as its modules file. */
export async function startSonde(yaml: string, { configDir, ...settings }: SondeOptions = {}): Promise<Sonde> {
  const folder = configDir ?? (await mkdtemp(join(tmpdir(), 'sonde-test-')))
  const configFile = join(folder, `modules-${process.pid}.yaml`)
  await writeFile(configFile, yaml)
  const lines: string[] = []
  const write = (line: string) => void lines.push(line)
  const log = createLogger({ level: 'debug', format: 'logfmt', write })
  const exporter = createExporter({
    configFiles: [configFile],
    log,
    probeLog: (module, target) => createLogger({ level: 'debug', format: 'logfmt', write }, { module, target }),
    ...settings,
  })
  const remove = () => rm(configDir === undefined ? folder : configFile, { recursive: true, force: true })
  await exporter.reload().catch(async error => {
    await remove()
    throw error
  })
  const listeners = await exporter.listen([{ host: '127.0.0.1', port: 0 }])
  const url = listeners.urls[0] ?? ''
  let drained: Promise<void> | undefined
  const drain = (graceMs = 0) => {
    drained ??= exporter.drain(listeners, graceMs)
    return drained
  }
  return {
    url,
    exporter,
    configFile,
    lines,
    drain,
    get: (path, init) => fetch(url + path, { headers: { connection: 'close' }, ...init }),
    async [Symbol.asyncDispose]() {
      await drain()
      await remove()
    },
  }
}
