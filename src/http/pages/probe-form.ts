import type { Module, Snapshot } from '../../engine/module.ts'
import { type Html, html } from './html.ts'

/** What the form shows when it is opened. */
export interface Asked {
  readonly module: string
  readonly target: string
}

const byName = (a: Module, b: Module) => (a.name < b.name ? -1 : 1)

/** The modules that can run, by prober. */
function grouped(snapshot: Snapshot | undefined): readonly (readonly [prober: string, modules: readonly Module[]])[] {
  const modules = [...(snapshot?.modules.values() ?? [])].flatMap(module => ('refused' in module ? [] : [module]))
  const probers = [...new Set(modules.map(({ prober }) => prober))].sort()
  return probers.map(prober => [prober, modules.filter(module => module.prober === prober).sort(byName)])
}

/** The form that probes by hand; `action` is where it leads. */
export function probeForm(snapshot: Snapshot | undefined, asked: Asked, action: string): Html {
  const option = ({ name }: Module) => html`<option${name === asked.module ? html` selected` : ''}>${name}</option>`
  return html`<form action="${action}" method="get">
<p><label>Target <input name="target" required size="50" value="${asked.target}" autofocus></label>
<label>Module <select name="module">${grouped(snapshot).map(
    ([prober, modules]) => html`<optgroup label="${prober}">${modules.map(option)}</optgroup>`,
  )}</select></label>
<button>Probe</button></p>
</form>`
}
