export { openKeyAt } from '../accounts/key-location.ts'
export { addressOfKey, decryptKey, encryptKey, openKeystore, type UnlockedKey } from '../accounts/keystore.ts'
