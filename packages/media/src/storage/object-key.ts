import { MillraceError } from '@millrace/base'

const MAX_KEY_BYTES = 1_000

/**
 * Throws `bad_object_key` unless the key is a path that every store can hold: names of 1 to 200 characters between slashes,
 * none of them `.` or `..`, none that begins with a dot and ends with `.tmp`, no control characters and no backslash.
 */
export function checkObjectKey(key: string): string {
  const names = key.split('/')
  const isGood =
    Buffer.byteLength(key) <= MAX_KEY_BYTES &&
    names.every((name) => isName(name)) &&
    Buffer.from(key).toString() === key
  if (isGood) return key
  throw new MillraceError('bad_object_key', `${JSON.stringify(key.slice(0, 100))} cannot be the key of an object`)
}

const isName = (name: string): boolean =>
  name.length > 0 &&
  name.length <= 200 &&
  name !== '.' &&
  name !== '..' &&
  !/^\..*\.tmp$/.test(name) &&
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what must not be in a key
  !/[\u0000-\u001f\u007f\\]/.test(name)

/** A key as the path of a URL. */
export const encodeObjectKey = (key: string): string => key.split('/').map(encodeUriStrictly).join('/')

/** RFC 3986: everything but letters, digits and -._~ is written with a percent sign. */
export const encodeUriStrictly = (text: string): string =>
  encodeURIComponent(text).replace(/[!'()*]/g, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`)
