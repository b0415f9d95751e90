import { effectiveCode, type Family, type Leases, typeCodeAt } from './leases.ts'
import type { Slots } from './shard.ts'

/** Is shown every address that has a state, those that are further ones of a lease as well. */
export interface LeaseVisitor {
  visit(family: Family, slots: Slots, slot: number, typeCode: number, stateCode: number): void
}

/**
 * Shows all leases of these families to the visitors, in the state that each is in at `nowSeconds`; see `countLeases`.
 * `pause` is called before each bounded part of the work.
 */
export async function visitLeases(
  leases: Leases,
  nowSeconds: number | undefined,
  pause: () => Promise<void> | undefined,
  visitors: readonly LeaseVisitor[],
  own: readonly Family[],
): Promise<void> {
  if (visitors.length === 0) return
  for (const family of own) {
    for (const slots of leases[family].shards()) {
      await pause()
      const { states, ends } = slots
      for (let slot = 0; slot < states.length; slot++) {
        const recorded = states[slot] as number
        const state = recorded === 0 ? 0 : effectiveCode(recorded, ends[slot] as number, nowSeconds)
        if (state === 0) continue
        const type = typeCodeAt(family, slots.keys, slot)
        for (const visitor of visitors) visitor.visit(family, slots, slot, type, state)
      }
    }
  }
}
