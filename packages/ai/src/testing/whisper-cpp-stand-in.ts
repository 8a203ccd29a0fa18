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
      if (!file) return json({ error: "no 'file' field in the request" }, 400)
      if (Buffer.from(file.bytes.subarray(0, 4)).toString('latin1') !== 'RIFF')
        return json({ error: 'failed to read WAV file' }, 400)
      if (fields.response_format !== 'verbose_json') return json({ text: ' one two\n' })
      const words = [
        { word: ' one', start: 0, end: 0.8, t_dtw: -1, probability: 0.9 },
        { word: ' two', start: 1, end: 1.9, t_dtw: -1, probability: 0.9 },
      ]
      json({
        ...{ task: 'transcribe', language: 'english', duration: 2, text: ' one two\n' },
        segments: [{ id: 0, text: ' one two', start: 0, end: 2, tokens: [1, 2], words }],
      })
    },
  })
}
