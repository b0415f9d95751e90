/** What the contract test needs to know of a prober: targets of its own, and options for them. */
export interface Contract extends AsyncDisposable {
  /** A section of modules.yaml, as parsed YAML. */
  readonly section: Readonly<Record<string, unknown>>
  /** A target that is healthy. */
  readonly healthy: string
  /** A target at which the prober is still busy when it is told to stop. */
  readonly hanging: string
  /** A target that fails. */
  readonly failing: string
}
