export { addressOfKey, decryptKey, encryptKey, openKeystore, type UnlockedKey } from '../accounts/keystore.ts'
