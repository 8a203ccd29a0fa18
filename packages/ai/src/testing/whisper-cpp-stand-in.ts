import { openStandIn, type StandIn } from './stand-in.ts'

/** The server of whisper.cpp. */
export function openWhisperCppStandIn(): Promise<StandIn> {
  return openStandIn({
    failure: (_, error) => ({ error }),
    isJob: (path) => path === '/inference',
    health: ({ path, json, standIn }) => {
      if (path !== '/health') return false
      if (standIn.health === 'OK') json({ status: 'ok' })
      else json({ status: 'loading model' }, 503)
      return true
    },
    job: ({ path, fields, files, json }) => {
      if (path !== '/inference') return json({ error: 'File Not Found (/)' }, 404)
      const { file } = files
      // Its failures have status 200.
      if (!file) return json({ error: "no 'file' field in the request" })
      if (Buffer.from(file.bytes.subarray(0, 4)).toString('latin1') !== 'RIFF')
        return json({ error: 'failed to read WAV file' })
      if (fields.response_format !== 'verbose_json') return json({ text: ' one\n two\n' })
      // Words are tokens there.
      const token = (word: string, start: number, end: number) => ({ word, start, end, t_dtw: -1, probability: 0.9 })
      const segment = {
        id: 0,
        text: ' one two',
        start: 0,
        end: 2,
        tokens: [1, 2, 3],
        temperature: 0,
        avg_logprob: -0.1,
      }
      json({
        ...{ task: 'transcribe', language: 'english', duration: 2, text: ' one\n two\n' },
        segments: [{ ...segment, words: [token(' on', 0, 0.4), token('e', 0.4, 0.8), token(' two', 1, 1.9)] }],
      })
    },
  })
}
