import type { Option } from 'commander'
import type { Command } from './command.ts'

const escaped = (text: string) => text.replaceAll('\\', '\\e').replaceAll('-', '\\-')

/** What begins with a dot or a quote would be a request. */
const line = (text: string) => escaped(text).replace(/^(?=[.'])/, '\\&')

const maxWidth = 72

/** A paragraph as lines: each sentence begins one, and none is long. */
function filled(text: string): readonly string[] {
  const lines: string[] = []
  for (const word of text.split(/\s+/)) {
    const last = lines.at(-1)
    if (last === undefined || /[.!?]$/.test(last) || last.length + word.length > maxWidth) lines.push(word)
    else lines[lines.length - 1] = `${last} ${word}`
  }
  return lines.map(line)
}

const bold = (text: string) => `.B ${escaped(text)}`

function defaultOf({ defaultValue, defaultValueDescription }: Option): string {
  if (defaultValueDescription !== undefined) return ` (default: ${defaultValueDescription})`
  return defaultValue === undefined || typeof defaultValue === 'boolean' ? '' : ` (default: ${defaultValue})`
}

function optionLines(option: Option): readonly string[] {
  const choices = option.argChoices === undefined ? '' : `: ${option.argChoices.join(', ')}`
  const variable = option.envVar === undefined ? '' : `; environment: ${option.envVar}`
  return ['.TP', bold(option.flags), ...filled(option.description + choices + defaultOf(option) + variable)]
}

/** The notes of a help text: what is indented stays as it is. */
function noteLines(notes: string): readonly string[] {
  return notes.split('\n\n').flatMap(paragraph => {
    const lines = paragraph.split('\n')
    const [head = '', ...rest] = lines
    const isExample = rest.length > 0 && rest.every(text => text.startsWith('  '))
    if (!isExample) return ['.PP', ...filled(paragraph)]
    return ['.PP', line(head), '.PP', '.nf', ...rest.map(text => line(text.replace(/^ {2}/, ''))), '.fi']
  })
}

function synopsis({ name, options = [], arguments: args = [] }: Command): string {
  const names = args.map(argument => {
    const shown = argument.variadic ? `${argument.name()}...` : argument.name()
    return argument.required ? `<${shown}>` : `[${shown}]`
  })
  return ['sonde', name, ...(options.length > 0 ? ['[options]'] : []), ...names].join(' ')
}

const commandLines = (command: Command): readonly string[] => [
  `.SS ${escaped(synopsis(command))}`,
  ...filled(`${command.summary[0]?.toUpperCase()}${command.summary.slice(1)}.`),
  ...(command.options ?? []).flatMap(optionLines),
  ...(command.notes === undefined ? [] : noteLines(command.notes)),
]

const description =
  'Prometheus asks sonde for /probe?target=...&module=...; sonde probes that target once and answers with metrics. ' +
  'The same probes can be run from a shell or a CI job. Without a command it serves.'

/** When the words of the page itself were last changed. */
const revised = '2026-11-21'

/** The manual page sonde(1), from what the commands say of themselves. */
export const manPage = (commands: readonly Command[], version: string): string =>
  [
    '.\\" Generated from the help of the commands by npm run generate.',
    `.TH SONDE 1 ${revised} "sonde ${version}" "User Commands"`,
    '.SH NAME',
    'sonde \\- multi\\-target probe exporter for Prometheus',
    '.SH SYNOPSIS',
    '.B sonde',
    '.RI [ command ]',
    '.RI [ options ]',
    '.SH DESCRIPTION',
    ...filled(description),
    '.SH COMMANDS',
    ...commands.flatMap(commandLines),
    '.SH FILES',
    '.TP',
    bold('modules.yaml'),
    ...filled('The modules: each says how to probe. A blackbox.yml of blackbox_exporter works too.'),
    '.SH SEE ALSO',
    '.BR prometheus (1),',
    '.BR promtool (1)',
    '',
  ].join('\n')
