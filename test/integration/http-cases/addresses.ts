import { ask, type Case, ip4 } from './case.ts'

const ip6 = { preferred_ip_protocol: 'ip6' }
const ip4Alone = { ...ip4, ip_protocol_fallback: false }
const ip6Alone = { ...ip6, ip_protocol_fallback: false }
const v4 = '127.0.0.1:(both.port)/text/x'
const v6 = '[::1]:(both.port)/text/x'
const name = 'localhost:(both.port)/text/x'
const nowhere = 'http://no-such-host.invalid/'

/** Families, names, and addresses where nobody is. */
export const addresses: readonly Case[] = [
  ask('an IPv4 address', v4),
  ask('an IPv4 address, IPv6 preferred', v4, ip6),
  ask('an IPv4 address, IPv4 alone', v4, ip4Alone),
  ask('an IPv4 address, IPv6 alone', v4, ip6Alone, 'resolve'),
  ask('an IPv6 address', v6),
  ask('an IPv6 address, IPv4 preferred', v6, ip4),
  ask('an IPv6 address, IPv6 alone', v6, ip6Alone),
  ask('an IPv6 address, IPv4 alone', v6, ip4Alone, 'resolve'),
  ask('an IPv6 address with a scheme', `http://${v6}`),
  ask('a name', name),
  ask('a name, IPv4 preferred', name, ip4),
  ask('a name, IPv4 alone', name, ip4Alone),
  ask('a name in capitals', 'LOCALHOST:(both.port)/text/x', ip4, { differs: ['host names in small letters'] }),
  ask('a name that is not there', nowhere, {}, 'resolve'),
  ask('a name that is not there, IPv4 alone', nowhere, ip4Alone, 'resolve'),
  ask('a port that refuses', 'http://127.0.0.1:1/', {}, 'connect'),
  ask('a port that refuses, https', 'https://127.0.0.1:1/', {}, 'connect'),
  ask('a port that refuses, IPv6', 'http://[::1]:1/', {}, 'connect'),
]
