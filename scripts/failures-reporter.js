import { writeFileSync } from 'node:fs'

/** A vitest reporter that writes what failed, and where, to the JSON file named by MILLRACE_FAILURES. */
export default class FailuresReporter {
  onTestRunEnd(modules, unhandledErrors) {
    const failures = []
    for (const module of modules) {
      for (const error of module.errors()) failures.push(failure(module, module.relativeModuleId, error))
      for (const suite of module.children.allSuites()) {
        for (const error of suite.errors()) failures.push(failure(module, suite.fullName, error))
      }
      for (const test of module.children.allTests('failed')) {
        failures.push(failure(module, test.fullName, test.result().errors?.[0]))
      }
    }
    const unhandled = unhandledErrors.map((error) => firstLine(error))
    writeFileSync(process.env.MILLRACE_FAILURES, JSON.stringify({ failures, unhandled }))
  }
}

const failure = (module, name, error) => ({ file: module.relativeModuleId, name, error: firstLine(error) })

function firstLine(error) {
  const text = `${error?.name ?? 'Error'}: ${error?.message ?? error}`
  return text.split('\n', 1)[0].slice(0, 300)
}
