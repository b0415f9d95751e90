import { bool, pattern, text, z } from './options.ts'

/** Text, or octets given as `!!binary`. */
const octets = () => z.union([z.instanceof(Uint8Array), text()]).meta({ type: 'string' })

const label = z.strictObject({
  name: text()
    .refine(name => /^(?!__)[a-zA-Z_][a-zA-Z0-9_]*$/.test(name), 'expected a label name')
    .describe('Name of the label.'),
  value: text().default('').describe('Value; groups of the pattern as $1 or $name.'),
})

const step = z
  .strictObject({
    expect: pattern().optional().describe('Read lines until one matches this pattern.'),
    expect_bytes: octets().optional().describe('Read as many octets as these and compare them.'),
    labels: z.array(label).default([]).describe('Labels of `probe_expect_info`, set when `expect` matched.'),
    send: octets().optional().describe('Send this and a newline; after `expect`, groups as $1 or $name.'),
    starttls: bool().default(false).describe('Start TLS on the connection.'),
  })
  .superRefine((entry, issues) => {
    const refuse = (key: string, message: string) => issues.addIssue({ code: 'custom', path: [key], message })
    if (entry.expect !== undefined && entry.expect_bytes !== undefined) refuse('expect_bytes', 'excludes expect')
    if (entry.labels.length > 0 && entry.expect === undefined) refuse('labels', 'needs expect')
    const names = entry.labels.map(({ name }) => name)
    if (new Set(names).size < names.length) refuse('labels', 'a label name stands twice')
  })

/** The dialogue of blackbox_exporter's tcp, unix and websocket probers. */
export const queryResponse = () =>
  z
    .array(step)
    .superRefine((steps, issues) => {
      // What ends blackbox_exporter in a panic is a mistake in the file.
      for (const key of ['labels', 'starttls'] as const) {
        const used = steps.flatMap((entry, index) =>
          (key === 'labels' ? entry.labels.length > 0 : entry.starttls) ? [index] : [],
        )
        const [, second] = used
        if (second !== undefined)
          issues.addIssue({ code: 'custom', path: [second, key], message: 'allowed in one entry only' })
      }
    })
    .default([])
    .describe('Steps of the dialogue; in one step, expect comes before send and starttls.')
