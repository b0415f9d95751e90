import { copyFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Contract } from '../../support/contract.ts'
import { temporaryFolder } from '../../support/programs.ts'

const small = new URL('../../fixtures/dhcp/isc-dhcpd/v4-small.leases', import.meta.url)

const lease = (index: number) =>
  `lease 10.${(index >> 16) & 255}.${(index >> 8) & 255}.${index & 255} {\n  ends 6 2026/11/21 05:55:45;\n  binding state active;\n}\n`

export async function contract(): Promise<Contract> {
  const folder = await temporaryFolder()
  const healthy = join(folder.path, 'dhcpd.leases')
  const hanging = join(folder.path, 'large.leases')
  await copyFile(small, healthy)
  await writeFile(hanging, Array.from({ length: 300_000 }, (_, index) => lease(index)).join(''))
  return {
    section: { roots: [folder.path] },
    healthy,
    hanging,
    failing: join(folder.path, 'none'),
    [Symbol.asyncDispose]: () => folder[Symbol.asyncDispose](),
  }
}
