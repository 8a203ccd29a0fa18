/**
 * The body of an error: `error.message` as go-livepeer's gateways answer, `detail.msg` as ai-runner does and the official clients read.
 */
export const errorBody = (message: string): string => JSON.stringify({ error: { message }, detail: { msg: message } })
