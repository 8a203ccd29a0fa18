/** ABI of StandaloneL2LPTDataCache. */
export const standaloneL2LPTDataCacheAbi = [
  {
    "type": "function",
    "name": "l1CirculatingSupply",
    "inputs": [],
    "outputs": [
      {
        "name": "",
        "type": "uint256",
        "internalType": "uint256"
      }
    ],
    "stateMutability": "view"
  }
] as const
