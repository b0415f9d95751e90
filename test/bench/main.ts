/** `npm run bench -- NAME` runs the benchmark of that name: it prints what it measured, and judges nothing. */
const [name = '', ...args] = process.argv.slice(2)
const benchmarks: Readonly<Record<string, () => Promise<{ run(args: readonly string[]): Promise<void> }>>> = {
  api: () => import('./api.ts'),
  dhcp: () => import('./dhcp.ts'),
  history: () => import('./history.ts'),
}
const load = benchmarks[name]
if (load === undefined) {
  process.stderr.write(`expected the name of a benchmark: ${Object.keys(benchmarks).join(', ')}\n`)
  process.exitCode = 2
} else await (await load()).run(args)
