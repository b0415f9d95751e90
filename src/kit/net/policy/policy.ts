import { BlockList, isIP, isIPv6 } from 'node:net'
import { Denied } from '../../failure.ts'
import type { AddressPolicy, TargetPolicy } from '../../prober.ts'
import { unmapped } from '../address.ts'

/** Link-local addresses, where most clouds serve their instance metadata, in every form they can be written in. */
const linkLocal = new BlockList()
linkLocal.addSubnet('169.254.0.0', 16, 'ipv4')
linkLocal.addSubnet('fe80::', 10, 'ipv6')
linkLocal.addAddress('fd00:ec2::254', 'ipv6')
linkLocal.addSubnet('64:ff9b::a9fe:0', 112, 'ipv6') // NAT64 of 169.254.0.0/16
linkLocal.addSubnet('64:ff9b:1::a9fe:0', 112, 'ipv6') // local-use NAT64 of it (RFC 8215)
linkLocal.addSubnet('2002:a9fe::', 32, 'ipv6') // 6to4 of it

const publicOnes: AddressPolicy = {
  allows: address => !linkLocal.check(address, isIPv6(address) ? 'ipv6' : 'ipv4'),
  allowsUnknown: true,
}

/** Admits every address but link-local and cloud metadata ones; private networks are an exporter's normal job. */
export const defaultPolicy: TargetPolicy = Object.freeze({
  judge({ host }) {
    if (isIP(host) !== 0 && !publicOnes.allows(unmapped(host))) throw new Denied('address')
    return publicOnes
  },
} satisfies TargetPolicy)

/** For what the operator named in the configuration, such as a proxy or a token URL: the policy judges targets. */
export const anyAddress: TargetPolicy = { judge: () => ({ allows: () => true, allowsUnknown: true }) }
