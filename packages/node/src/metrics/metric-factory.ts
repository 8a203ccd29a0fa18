import { Counter, Gauge, Histogram, type Metric, type Registry } from 'prom-client'

/** Labels that cost a series for each of their values, and are therefore added only where they were asked for. */
export type CostlyLabel = 'manifest_id' | 'sender' | 'client_ip'

export type Labels = Readonly<Record<string, string | undefined>>

export type MetricOptions = {
  readonly help: string
  /** Labels that it always has. */
  readonly labels?: readonly string[]
  readonly costly?: readonly CostlyLabel[]
}

/** Values that are added up. */
export type Sum = { add(value: number, labels?: Labels): void }
export type Level = { set(value: number, labels?: Labels): void }
export type Distribution = { observe(value: number, labels?: Labels): void }

/** Makes the metrics of one node; a label that was not asked for is left out, one that has no value is empty. */
export class MetricFactory {
  readonly #registry: Registry
  readonly #costly: ReadonlySet<string>
  readonly #ofStreams: Metric[] = []

  constructor(registry: Registry, options: { readonly perStream: boolean; readonly clientIp: boolean }) {
    this.#registry = registry
    this.#costly = new Set<CostlyLabel>([
      ...(options.perStream ? (['manifest_id', 'sender'] as const) : []),
      ...(options.clientIp ? (['client_ip'] as const) : []),
    ])
  }

  sum(name: string, options: MetricOptions): Sum {
    const labelNames = this.#labelNames(options)
    const counter = this.#keep(
      new Counter({ name, help: options.help, labelNames, registers: [this.#registry] }),
      labelNames,
    )
    return { add: (value, labels = {}) => counter.inc(choose(labelNames, labels), value) }
  }

  level(name: string, options: MetricOptions): Level {
    const labelNames = this.#labelNames(options)
    const gauge = this.#keep(
      new Gauge({ name, help: options.help, labelNames, registers: [this.#registry] }),
      labelNames,
    )
    return { set: (value, labels = {}) => gauge.set(choose(labelNames, labels), value) }
  }

  distribution(name: string, options: MetricOptions & { readonly buckets: readonly number[] }): Distribution {
    const labelNames = this.#labelNames(options)
    const buckets = [...new Set(options.buckets)].sort((a, b) => a - b)
    const histogram = this.#keep(
      new Histogram({ name, help: options.help, labelNames, buckets, registers: [this.#registry] }),
      labelNames,
    )
    return { observe: (value, labels = {}) => histogram.observe(choose(labelNames, labels), value) }
  }

  /** Ends the series of a stream, so that old streams do not pile up. */
  async forget(manifestId: string): Promise<void> {
    for (const metric of this.#ofStreams) {
      const { values } = await metric.get()
      for (const { labels } of values)
        if (labels.manifest_id === manifestId) {
          const { le: _, ...own } = labels as Record<string, string | number>
          metric.remove(own)
        }
    }
  }

  #labelNames({ labels = [], costly = [] }: MetricOptions): readonly string[] {
    return [...labels, ...costly.filter((label) => this.#costly.has(label))]
  }

  #keep<T extends Metric>(metric: T, labelNames: readonly string[]): T {
    if (labelNames.includes('manifest_id')) this.#ofStreams.push(metric)
    return metric
  }
}

const choose = (names: readonly string[], labels: Labels): Record<string, string> =>
  Object.fromEntries(names.map((name) => [name, labels[name] ?? '']))
