export { builtFile } from './built-file.ts'
export { diskError, freePort, isFreePort, LOWEST_EPHEMERAL_PORT, writeFileAtomic } from './files.ts'
export { type GuardedOptions, type GuardedResponse, guardedRequest, guardedText } from './guarded-request.ts'
export { Hashing, MAX_MAIN_THREAD_HASH_BYTES } from './hashing.ts'
export { type LogLevel, type OpenLog, openLog } from './logging.ts'
export { type BodyPart, parseMultipart } from './multipart.ts'
export {
  addressesOf,
  type HostAddress,
  isPrivateAddress,
  isPrivateHost,
  requirePublicAddress,
} from './private-addresses.ts'
export {
  addressOfPublicKey,
  type Curve,
  curve,
  isAboveHalfOrder,
  loadWasmCurve,
  recoverHashSigner,
  signHash,
} from './secp256k1.ts'
export { type Database, type Migration, openSqlite, openSqliteReadOnly, takeFileLock, transaction } from './sqlite.ts'
export { Watchdog, type WatchdogOptions } from './watchdog.ts'
