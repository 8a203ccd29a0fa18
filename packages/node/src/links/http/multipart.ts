export { type BodyPart, parseMultipart } from '@millrace/base/node'
