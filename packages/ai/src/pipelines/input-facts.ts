import type { AiFile } from '../files.ts'
import type { InputFacts, Pipeline } from './pipeline.ts'

/** What a request's files tell of its price; throws `ai_bad_request` for a file that cannot be read. */
export async function inputFacts(
  pipeline: Pick<Pipeline, 'files'>,
  files: Readonly<Record<string, AiFile>>,
): Promise<InputFacts> {
  void pipeline
  void files
  return {}
}
