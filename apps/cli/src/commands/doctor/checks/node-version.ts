import { failed, type Outcome, ok, warning } from '../finding.ts'

/** The oldest Node that Millrace runs on, and the majors that it is tested with. */
const LEAST = [20, 19] as const
const TESTED: readonly number[] = [20, 22, 24]

/** Whether this version of Node is one that Millrace runs on. */
export function nodeVersion(version: string = process.versions.node): Outcome {
  const [major = 0, minor = 0] = version.split('.').map(Number)
  const facts = { version }
  if (major < LEAST[0] || (major === LEAST[0] && minor < LEAST[1]))
    return failed(`Node ${version} is too old`, `install Node ${LEAST.join('.')} or newer, best an even number`, {
      facts,
    })
  if (!TESTED.includes(major))
    return warning(`Node ${version}`, `Millrace is tested with Node ${TESTED.join(', ')}: take one of these`, { facts })
  return ok(`Node ${version}`, { facts })
}
