import { Denied, type PolicyReason } from '../../failure.ts'
import type { AddressPolicy, TargetPolicy } from '../../prober.ts'
import type { Destination } from '../target.ts'
import { contains, type Faces, facesOf, isWithin, metadataNetworks, type Network, privateNetworks } from './networks.ts'
import type { Rule } from './rule.ts'
import { type View, viewOf } from './view.ts'

/** The section `targets`, as parsed. */
export interface TargetRules {
  /** Undefined: whatever is not denied. */
  readonly allow?: readonly Rule[] | undefined
  readonly deny: readonly Rule[]
  readonly allow_private: boolean
}

const specialNetworks = [...metadataNetworks, ...privateNetworks]

type NetworkRule = Rule & { readonly network: Network }

const isAboutAddresses = (rule: Rule): rule is NetworkRule => rule.network !== undefined

const steps: readonly PolicyReason[] = ['host', 'scheme', 'port', 'path']

/** What is wrong with a target that no rule admits: the component at which the rule that comes nearest fails. */
function nearestMiss(allow: readonly Rule[], view: View): PolicyReason {
  const misses = allow.map(rule => rule.misses(view, true))
  if (misses.includes(undefined)) return 'address'
  return misses.reduce<PolicyReason>((a, b = a) => (steps.indexOf(b) > steps.indexOf(a) ? b : a), 'host')
}

/** Judges addresses by the rules about them that fit the rest of the destination. */
function judgeOf(denied: readonly Network[], deny: readonly NetworkRule[], allow: readonly NetworkRule[]) {
  /** A rule lifts what is denied by default only when it names it: `0.0.0.0/0` does not. */
  const isNamed = (face: readonly number[], by: Network) =>
    allow.some(({ network }) => isWithin(network, by) && contains(network, face))
  return {
    refuses({ all }: Faces): boolean {
      if (deny.some(({ network }) => all.some(face => contains(network, face)))) return true
      return all.some(face => denied.some(network => contains(network, face) && !isNamed(face, network)))
    },
    admits: ({ own }: Faces) => allow.some(({ network }) => own.some(face => contains(network, face))),
  }
}

function judgeView(view: View, { allow, deny, allow_private }: TargetRules): AddressPolicy {
  const hit = deny.find(rule => rule.network === undefined && rule.misses(view, false) === undefined)
  if (hit !== undefined) throw new Denied(hit.word)
  const fitting = (allow ?? []).filter(rule => rule.misses(view, true) === undefined)
  const isAdmitted = allow === undefined || fitting.some(rule => !isAboutAddresses(rule))
  const forbidding = deny.filter(isAboutAddresses).filter(rule => rule.misses(view, false) === undefined)
  const denied = allow_private ? metadataNetworks : specialNetworks
  const judge = judgeOf(denied, forbidding, fitting.filter(isAboutAddresses))
  const allows = (address: string) => {
    const faces = facesOf(address)
    return !judge.refuses(faces) && (isAdmitted || judge.admits(faces))
  }
  if (allow !== undefined && fitting.length === 0) throw new Denied(nearestMiss(allow, view))
  if (view.isLiteral && !allows(view.host)) throw new Denied('address')
  const isTrusted = allow === undefined ? allow_private : isAdmitted
  return { allows, allowsUnknown: view.isLiteral || (isTrusted && forbidding.length === 0) }
}

/** With `allow_private: false` a service answers only at its usual ports, or at those that a rule names. */
function checkPort({ usualPorts, port }: Destination, view: View, { allow = [], allow_private }: TargetRules): void {
  if (allow_private || usualPorts === undefined || usualPorts.includes(port)) return
  if (allow.some(rule => rule.port === port && rule.misses(view, true) === undefined)) return
  throw new Denied('port')
}

/**
 * Builds the policy of a module. What is denied stays denied. With `allow`, a destination is admitted by a rule that
 * fits its text, or when all its addresses are in networks of rules that fit the rest. Link-local and metadata
 * addresses, and with `allow_private: false` private ones, are denied unless a rule of `allow` names them.
 */
export function createPolicy(rules: TargetRules): TargetPolicy {
  return Object.freeze({
    judge(destination) {
      const { virtualHost } = destination
      const hosts = [destination, ...(virtualHost === undefined ? [] : [{ ...destination, host: virtualHost }])]
      const judged = hosts.map(host => {
        const view = viewOf(host)
        checkPort(host, view, rules)
        return judgeView(view, rules)
      })
      return {
        allows: address => judged.every(({ allows }) => allows(address)),
        allowsUnknown: judged.every(({ allowsUnknown }) => allowsUnknown),
      }
    },
  } satisfies TargetPolicy)
}

/** Without `targets`: private networks are an exporter's normal job. */
export const defaultPolicy = createPolicy({ deny: [], allow_private: true })

/** For what the operator named in the configuration, such as a proxy or a token URL: the policy judges targets. */
export const anyAddress: TargetPolicy = { judge: () => ({ allows: () => true, allowsUnknown: true }) }
