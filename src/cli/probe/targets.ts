import type { ResultParts } from '../../engine/result-json.ts'
import { text, z } from '../../kit/options.ts'
import type { Task } from '../run/task.ts'
import { readYaml } from '../text-file.ts'

/** What stands for the parts that an entry leaves open. */
export interface Defaults {
  readonly module: string
  readonly params: ReadonlyMap<string, string>
}

const filled = () => text().refine(value => value !== '', { error: 'expected a text that is not empty' })

const entries = z
  .array(
    z.union([
      filled().transform(target => ({ target, module: undefined, params: undefined })),
      z.strictObject({
        target: filled(),
        module: filled().optional(),
        params: z.record(z.string(), text()).optional(),
      }),
    ]),
  )
  .min(1)

/** A probe passes when its target does. */
const complaint = ({ success, message }: ResultParts) => (success ? undefined : (message ?? ''))

/** One target may be asked with several values of a parameter: these are different series. */
const paramLabels = (params: ReadonlyMap<string, string>) =>
  Object.fromEntries([...params].map(([name, value]) => [`param_${name.replace(/\W/g, '_')}`, value]))

export const taskFor = (target: string, { module, params }: Defaults): Task => ({
  name: target,
  module,
  target,
  params,
  labels: { instance: target, module, ...paramLabels(params) },
  complaint,
})

const isYaml = (file: string, source: string) =>
  /\.(ya?ml|json)$/i.test(file) || /^(\s*#.*\n|\s*\n)*(---|-\s|\[\s*[{"'])/.test(source)

/**
 * The targets of a file: one on each line, `#` for remarks, or a YAML list of targets or `{target, module, params}`.
 * Throws `UsageError`.
 */
export function readTargets(source: string, file: string, defaults: Defaults): readonly Task[] {
  if (isYaml(file, source)) {
    return readYaml(entries, source, file).map(({ target, module, params }) =>
      taskFor(target, {
        module: module ?? defaults.module,
        params: new Map([...defaults.params, ...Object.entries(params ?? {})]),
      }),
    )
  }
  const lines = source.split(/\r?\n/).map(line => line.trim())
  return lines.filter(line => line !== '' && !line.startsWith('#')).map(line => taskFor(line, defaults))
}

/** Without those that ask the same again. */
export function distinct(tasks: readonly Task[]): readonly Task[] {
  const keyOf = ({ module, target, params }: Task) => JSON.stringify([module, target, [...params].sort()])
  return [...new Map(tasks.toReversed().map(task => [keyOf(task), task])).values()].toReversed()
}
