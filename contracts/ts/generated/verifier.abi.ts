/** ABI of Verifier. */
export const verifierAbi = [
  {
    "type": "constructor",
    "inputs": [
      {
        "name": "_controller",
        "type": "address",
        "internalType": "address"
      }
    ],
    "stateMutability": "nonpayable"
  },
  {
    "type": "function",
    "name": "announce",
    "inputs": [
      {
        "name": "_announcement",
        "type": "bytes32",
        "internalType": "bytes32"
      }
    ],
    "outputs": [],
    "stateMutability": "nonpayable"
  },
  {
    "type": "function",
    "name": "answer",
    "inputs": [
      {
        "name": "_id",
        "type": "uint256",
        "internalType": "uint256"
      },
      {
        "name": "_answer",
        "type": "bytes32",
        "internalType": "bytes32"
      }
    ],
    "outputs": [],
    "stateMutability": "nonpayable"
  },
  {
    "type": "function",
    "name": "balanceOf",
    "inputs": [
      {
        "name": "",
        "type": "address",
        "internalType": "address"
      }
    ],
    "outputs": [
      {
        "name": "",
        "type": "uint256",
        "internalType": "uint256"
      }
    ],
    "stateMutability": "view"
  },
  {
    "type": "function",
    "name": "challenge",
    "inputs": [
      {
        "name": "_commitment",
        "type": "tuple",
        "internalType": "struct IVerifier.SegmentCommitment",
        "components": [
          {
            "name": "sender",
            "type": "address",
            "internalType": "address"
          },
          {
            "name": "recipient",
            "type": "address",
            "internalType": "address"
          },
          {
            "name": "manifestId",
            "type": "string",
            "internalType": "string"
          },
          {
            "name": "seq",
            "type": "uint64",
            "internalType": "uint64"
          },
          {
            "name": "sourceHash",
            "type": "bytes32",
            "internalType": "bytes32"
          },
          {
            "name": "profilesHash",
            "type": "bytes32",
            "internalType": "bytes32"
          },
          {
            "name": "renditionsHash",
            "type": "bytes32",
            "internalType": "bytes32"
          },
          {
            "name": "pixels",
            "type": "uint256",
            "internalType": "uint256"
          },
          {
            "name": "sessionId",
            "type": "string",
            "internalType": "string"
          },
          {
            "name": "round",
            "type": "uint256",
            "internalType": "uint256"
          }
        ]
      },
      {
        "name": "_signature",
        "type": "bytes",
        "internalType": "bytes"
      },
      {
        "name": "_secretHash",
        "type": "bytes32",
        "internalType": "bytes32"
      },
      {
        "name": "_salt",
        "type": "bytes32",
        "internalType": "bytes32"
      }
    ],
    "outputs": [
      {
        "name": "id",
        "type": "uint256",
        "internalType": "uint256"
      }
    ],
    "stateMutability": "nonpayable"
  },
  {
    "type": "function",
    "name": "commitVote",
    "inputs": [
      {
        "name": "_id",
        "type": "uint256",
        "internalType": "uint256"
      },
      {
        "name": "_vote",
        "type": "bytes32",
        "internalType": "bytes32"
      }
    ],
    "outputs": [],
    "stateMutability": "nonpayable"
  },
  {
    "type": "function",
    "name": "commitmentDigest",
    "inputs": [
      {
        "name": "_commitment",
        "type": "tuple",
        "internalType": "struct IVerifier.SegmentCommitment",
        "components": [
          {
            "name": "sender",
            "type": "address",
            "internalType": "address"
          },
          {
            "name": "recipient",
            "type": "address",
            "internalType": "address"
          },
          {
            "name": "manifestId",
            "type": "string",
            "internalType": "string"
          },
          {
            "name": "seq",
            "type": "uint64",
            "internalType": "uint64"
          },
          {
            "name": "sourceHash",
            "type": "bytes32",
            "internalType": "bytes32"
          },
          {
            "name": "profilesHash",
            "type": "bytes32",
            "internalType": "bytes32"
          },
          {
            "name": "renditionsHash",
            "type": "bytes32",
            "internalType": "bytes32"
          },
          {
            "name": "pixels",
            "type": "uint256",
            "internalType": "uint256"
          },
          {
            "name": "sessionId",
            "type": "string",
            "internalType": "string"
          },
          {
            "name": "round",
            "type": "uint256",
            "internalType": "uint256"
          }
        ]
      }
    ],
    "outputs": [
      {
        "name": "",
        "type": "bytes32",
        "internalType": "bytes32"
      }
    ],
    "stateMutability": "view"
  },
  {
    "type": "function",
    "name": "controller",
    "inputs": [],
    "outputs": [
      {
        "name": "",
        "type": "address",
        "internalType": "contract IController"
      }
    ],
    "stateMutability": "view"
  },
  {
    "type": "function",
    "name": "currentParameters",
    "inputs": [],
    "outputs": [
      {
        "name": "",
        "type": "tuple",
        "internalType": "struct IVerifier.Parameters",
        "components": [
          {
            "name": "challengeBond",
            "type": "uint256",
            "internalType": "uint256"
          },
          {
            "name": "compensation",
            "type": "uint256",
            "internalType": "uint256"
          },
          {
            "name": "jurorFee",
            "type": "uint256",
            "internalType": "uint256"
          },
          {
            "name": "absenceFine",
            "type": "uint256",
            "internalType": "uint256"
          },
          {
            "name": "dissentFine",
            "type": "uint256",
            "internalType": "uint256"
          },
          {
            "name": "slashAmount",
            "type": "uint32",
            "internalType": "uint32"
          },
          {
            "name": "finderFee",
            "type": "uint32",
            "internalType": "uint32"
          },
          {
            "name": "verdictThreshold",
            "type": "uint32",
            "internalType": "uint32"
          },
          {
            "name": "seats",
            "type": "uint32",
            "internalType": "uint32"
          },
          {
            "name": "minimumJurors",
            "type": "uint32",
            "internalType": "uint32"
          },
          {
            "name": "disputeWindow",
            "type": "uint32",
            "internalType": "uint32"
          },
          {
            "name": "answerBlocks",
            "type": "uint32",
            "internalType": "uint32"
          },
          {
            "name": "drawBlocks",
            "type": "uint32",
            "internalType": "uint32"
          },
          {
            "name": "commitBlocks",
            "type": "uint32",
            "internalType": "uint32"
          },
          {
            "name": "revealBlocks",
            "type": "uint32",
            "internalType": "uint32"
          }
        ]
      }
    ],
    "stateMutability": "view"
  },
  {
    "type": "function",
    "name": "decisionOn",
    "inputs": [
      {
        "name": "",
        "type": "bytes32",
        "internalType": "bytes32"
      }
    ],
    "outputs": [
      {
        "name": "",
        "type": "uint8",
        "internalType": "enum IVerifier.Outcome"
      }
    ],
    "stateMutability": "view"
  },
  {
    "type": "function",
    "name": "disputeCount",
    "inputs": [],
    "outputs": [
      {
        "name": "",
        "type": "uint256",
        "internalType": "uint256"
      }
    ],
    "stateMutability": "view"
  },
  {
    "type": "function",
    "name": "dissolve",
    "inputs": [
      {
        "name": "_id",
        "type": "uint256",
        "internalType": "uint256"
      }
    ],
    "outputs": [],
    "stateMutability": "nonpayable"
  },
  {
    "type": "function",
    "name": "draw",
    "inputs": [
      {
        "name": "_id",
        "type": "uint256",
        "internalType": "uint256"
      },
      {
        "name": "_secret",
        "type": "bytes32",
        "internalType": "bytes32"
      }
    ],
    "outputs": [],
    "stateMutability": "nonpayable"
  },
  {
    "type": "function",
    "name": "getBallot",
    "inputs": [
      {
        "name": "_id",
        "type": "uint256",
        "internalType": "uint256"
      },
      {
        "name": "_juror",
        "type": "address",
        "internalType": "address"
      }
    ],
    "outputs": [
      {
        "name": "",
        "type": "tuple",
        "internalType": "struct IVerifier.Ballot",
        "components": [
          {
            "name": "commitment",
            "type": "bytes32",
            "internalType": "bytes32"
          },
          {
            "name": "vote",
            "type": "uint8",
            "internalType": "enum IVerifier.Vote"
          },
          {
            "name": "settled",
            "type": "bool",
            "internalType": "bool"
          }
        ]
      }
    ],
    "stateMutability": "view"
  },
  {
    "type": "function",
    "name": "getDispute",
    "inputs": [
      {
        "name": "_id",
        "type": "uint256",
        "internalType": "uint256"
      }
    ],
    "outputs": [
      {
        "name": "",
        "type": "tuple",
        "internalType": "struct IVerifier.Dispute",
        "components": [
          {
            "name": "challenger",
            "type": "address",
            "internalType": "address"
          },
          {
            "name": "accused",
            "type": "address",
            "internalType": "address"
          },
          {
            "name": "commitment",
            "type": "bytes32",
            "internalType": "bytes32"
          },
          {
            "name": "round",
            "type": "uint256",
            "internalType": "uint256"
          },
          {
            "name": "parametersVersion",
            "type": "uint256",
            "internalType": "uint256"
          },
          {
            "name": "secretHash",
            "type": "bytes32",
            "internalType": "bytes32"
          },
          {
            "name": "answer",
            "type": "bytes32",
            "internalType": "bytes32"
          },
          {
            "name": "seed",
            "type": "bytes32",
            "internalType": "bytes32"
          },
          {
            "name": "eligibleStake",
            "type": "uint256",
            "internalType": "uint256"
          },
          {
            "name": "answerDeadline",
            "type": "uint64",
            "internalType": "uint64"
          },
          {
            "name": "commitDeadline",
            "type": "uint64",
            "internalType": "uint64"
          },
          {
            "name": "revealDeadline",
            "type": "uint64",
            "internalType": "uint64"
          },
          {
            "name": "answered",
            "type": "bool",
            "internalType": "bool"
          },
          {
            "name": "outcome",
            "type": "uint8",
            "internalType": "enum IVerifier.Outcome"
          },
          {
            "name": "lieSeats",
            "type": "uint256",
            "internalType": "uint256"
          },
          {
            "name": "honestSeats",
            "type": "uint256",
            "internalType": "uint256"
          },
          {
            "name": "unavailableSeats",
            "type": "uint256",
            "internalType": "uint256"
          },
          {
            "name": "feePerSeat",
            "type": "uint256",
            "internalType": "uint256"
          },
          {
            "name": "locksLeft",
            "type": "uint256",
            "internalType": "uint256"
          }
        ]
      }
    ],
    "stateMutability": "view"
  },
  {
    "type": "function",
    "name": "giveUp",
    "inputs": [
      {
        "name": "_id",
        "type": "uint256",
        "internalType": "uint256"
      }
    ],
    "outputs": [],
    "stateMutability": "nonpayable"
  },
  {
    "type": "function",
    "name": "parametersOf",
    "inputs": [
      {
        "name": "_version",
        "type": "uint256",
        "internalType": "uint256"
      }
    ],
    "outputs": [
      {
        "name": "",
        "type": "tuple",
        "internalType": "struct IVerifier.Parameters",
        "components": [
          {
            "name": "challengeBond",
            "type": "uint256",
            "internalType": "uint256"
          },
          {
            "name": "compensation",
            "type": "uint256",
            "internalType": "uint256"
          },
          {
            "name": "jurorFee",
            "type": "uint256",
            "internalType": "uint256"
          },
          {
            "name": "absenceFine",
            "type": "uint256",
            "internalType": "uint256"
          },
          {
            "name": "dissentFine",
            "type": "uint256",
            "internalType": "uint256"
          },
          {
            "name": "slashAmount",
            "type": "uint32",
            "internalType": "uint32"
          },
          {
            "name": "finderFee",
            "type": "uint32",
            "internalType": "uint32"
          },
          {
            "name": "verdictThreshold",
            "type": "uint32",
            "internalType": "uint32"
          },
          {
            "name": "seats",
            "type": "uint32",
            "internalType": "uint32"
          },
          {
            "name": "minimumJurors",
            "type": "uint32",
            "internalType": "uint32"
          },
          {
            "name": "disputeWindow",
            "type": "uint32",
            "internalType": "uint32"
          },
          {
            "name": "answerBlocks",
            "type": "uint32",
            "internalType": "uint32"
          },
          {
            "name": "drawBlocks",
            "type": "uint32",
            "internalType": "uint32"
          },
          {
            "name": "commitBlocks",
            "type": "uint32",
            "internalType": "uint32"
          },
          {
            "name": "revealBlocks",
            "type": "uint32",
            "internalType": "uint32"
          }
        ]
      }
    ],
    "stateMutability": "view"
  },
  {
    "type": "function",
    "name": "revealVote",
    "inputs": [
      {
        "name": "_id",
        "type": "uint256",
        "internalType": "uint256"
      },
      {
        "name": "_vote",
        "type": "uint8",
        "internalType": "enum IVerifier.Vote"
      },
      {
        "name": "_salt",
        "type": "bytes32",
        "internalType": "bytes32"
      }
    ],
    "outputs": [],
    "stateMutability": "nonpayable"
  },
  {
    "type": "function",
    "name": "seatsOf",
    "inputs": [
      {
        "name": "_id",
        "type": "uint256",
        "internalType": "uint256"
      },
      {
        "name": "_account",
        "type": "address",
        "internalType": "address"
      }
    ],
    "outputs": [
      {
        "name": "",
        "type": "uint256",
        "internalType": "uint256"
      }
    ],
    "stateMutability": "view"
  },
  {
    "type": "function",
    "name": "setController",
    "inputs": [
      {
        "name": "_controller",
        "type": "address",
        "internalType": "address"
      }
    ],
    "outputs": [],
    "stateMutability": "nonpayable"
  },
  {
    "type": "function",
    "name": "setParameters",
    "inputs": [
      {
        "name": "_parameters",
        "type": "tuple",
        "internalType": "struct IVerifier.Parameters",
        "components": [
          {
            "name": "challengeBond",
            "type": "uint256",
            "internalType": "uint256"
          },
          {
            "name": "compensation",
            "type": "uint256",
            "internalType": "uint256"
          },
          {
            "name": "jurorFee",
            "type": "uint256",
            "internalType": "uint256"
          },
          {
            "name": "absenceFine",
            "type": "uint256",
            "internalType": "uint256"
          },
          {
            "name": "dissentFine",
            "type": "uint256",
            "internalType": "uint256"
          },
          {
            "name": "slashAmount",
            "type": "uint32",
            "internalType": "uint32"
          },
          {
            "name": "finderFee",
            "type": "uint32",
            "internalType": "uint32"
          },
          {
            "name": "verdictThreshold",
            "type": "uint32",
            "internalType": "uint32"
          },
          {
            "name": "seats",
            "type": "uint32",
            "internalType": "uint32"
          },
          {
            "name": "minimumJurors",
            "type": "uint32",
            "internalType": "uint32"
          },
          {
            "name": "disputeWindow",
            "type": "uint32",
            "internalType": "uint32"
          },
          {
            "name": "answerBlocks",
            "type": "uint32",
            "internalType": "uint32"
          },
          {
            "name": "drawBlocks",
            "type": "uint32",
            "internalType": "uint32"
          },
          {
            "name": "commitBlocks",
            "type": "uint32",
            "internalType": "uint32"
          },
          {
            "name": "revealBlocks",
            "type": "uint32",
            "internalType": "uint32"
          }
        ]
      }
    ],
    "outputs": [],
    "stateMutability": "nonpayable"
  },
  {
    "type": "function",
    "name": "settle",
    "inputs": [
      {
        "name": "_id",
        "type": "uint256",
        "internalType": "uint256"
      }
    ],
    "outputs": [],
    "stateMutability": "nonpayable"
  },
  {
    "type": "function",
    "name": "settleJuror",
    "inputs": [
      {
        "name": "_id",
        "type": "uint256",
        "internalType": "uint256"
      },
      {
        "name": "_juror",
        "type": "address",
        "internalType": "address"
      }
    ],
    "outputs": [],
    "stateMutability": "nonpayable"
  },
  {
    "type": "function",
    "name": "slashMoreLocks",
    "inputs": [
      {
        "name": "_id",
        "type": "uint256",
        "internalType": "uint256"
      },
      {
        "name": "_count",
        "type": "uint256",
        "internalType": "uint256"
      }
    ],
    "outputs": [],
    "stateMutability": "nonpayable"
  },
  {
    "type": "function",
    "name": "targetContractId",
    "inputs": [],
    "outputs": [
      {
        "name": "",
        "type": "bytes32",
        "internalType": "bytes32"
      }
    ],
    "stateMutability": "view"
  },
  {
    "type": "function",
    "name": "withdraw",
    "inputs": [],
    "outputs": [],
    "stateMutability": "nonpayable"
  },
  {
    "type": "event",
    "name": "Answered",
    "inputs": [
      {
        "name": "id",
        "type": "uint256",
        "indexed": true,
        "internalType": "uint256"
      }
    ],
    "anonymous": false
  },
  {
    "type": "event",
    "name": "Challenged",
    "inputs": [
      {
        "name": "id",
        "type": "uint256",
        "indexed": true,
        "internalType": "uint256"
      },
      {
        "name": "accused",
        "type": "address",
        "indexed": true,
        "internalType": "address"
      },
      {
        "name": "challenger",
        "type": "address",
        "indexed": true,
        "internalType": "address"
      },
      {
        "name": "commitment",
        "type": "bytes32",
        "indexed": false,
        "internalType": "bytes32"
      },
      {
        "name": "sourceHash",
        "type": "bytes32",
        "indexed": false,
        "internalType": "bytes32"
      },
      {
        "name": "profilesHash",
        "type": "bytes32",
        "indexed": false,
        "internalType": "bytes32"
      },
      {
        "name": "renditionsHash",
        "type": "bytes32",
        "indexed": false,
        "internalType": "bytes32"
      },
      {
        "name": "answerDeadline",
        "type": "uint256",
        "indexed": false,
        "internalType": "uint256"
      }
    ],
    "anonymous": false
  },
  {
    "type": "event",
    "name": "CommitteeDrawn",
    "inputs": [
      {
        "name": "id",
        "type": "uint256",
        "indexed": true,
        "internalType": "uint256"
      },
      {
        "name": "seed",
        "type": "bytes32",
        "indexed": false,
        "internalType": "bytes32"
      },
      {
        "name": "commitDeadline",
        "type": "uint256",
        "indexed": false,
        "internalType": "uint256"
      },
      {
        "name": "revealDeadline",
        "type": "uint256",
        "indexed": false,
        "internalType": "uint256"
      }
    ],
    "anonymous": false
  },
  {
    "type": "event",
    "name": "DisputeEnded",
    "inputs": [
      {
        "name": "id",
        "type": "uint256",
        "indexed": true,
        "internalType": "uint256"
      },
      {
        "name": "outcome",
        "type": "uint8",
        "indexed": false,
        "internalType": "enum IVerifier.Outcome"
      }
    ],
    "anonymous": false
  },
  {
    "type": "event",
    "name": "JurorSettled",
    "inputs": [
      {
        "name": "id",
        "type": "uint256",
        "indexed": true,
        "internalType": "uint256"
      },
      {
        "name": "juror",
        "type": "address",
        "indexed": true,
        "internalType": "address"
      },
      {
        "name": "fee",
        "type": "uint256",
        "indexed": false,
        "internalType": "uint256"
      },
      {
        "name": "fine",
        "type": "uint256",
        "indexed": false,
        "internalType": "uint256"
      }
    ],
    "anonymous": false
  },
  {
    "type": "event",
    "name": "ParameterUpdate",
    "inputs": [
      {
        "name": "param",
        "type": "string",
        "indexed": false,
        "internalType": "string"
      }
    ],
    "anonymous": false
  },
  {
    "type": "event",
    "name": "ParametersSet",
    "inputs": [
      {
        "name": "version",
        "type": "uint256",
        "indexed": false,
        "internalType": "uint256"
      },
      {
        "name": "parameters",
        "type": "tuple",
        "indexed": false,
        "internalType": "struct IVerifier.Parameters",
        "components": [
          {
            "name": "challengeBond",
            "type": "uint256",
            "internalType": "uint256"
          },
          {
            "name": "compensation",
            "type": "uint256",
            "internalType": "uint256"
          },
          {
            "name": "jurorFee",
            "type": "uint256",
            "internalType": "uint256"
          },
          {
            "name": "absenceFine",
            "type": "uint256",
            "internalType": "uint256"
          },
          {
            "name": "dissentFine",
            "type": "uint256",
            "internalType": "uint256"
          },
          {
            "name": "slashAmount",
            "type": "uint32",
            "internalType": "uint32"
          },
          {
            "name": "finderFee",
            "type": "uint32",
            "internalType": "uint32"
          },
          {
            "name": "verdictThreshold",
            "type": "uint32",
            "internalType": "uint32"
          },
          {
            "name": "seats",
            "type": "uint32",
            "internalType": "uint32"
          },
          {
            "name": "minimumJurors",
            "type": "uint32",
            "internalType": "uint32"
          },
          {
            "name": "disputeWindow",
            "type": "uint32",
            "internalType": "uint32"
          },
          {
            "name": "answerBlocks",
            "type": "uint32",
            "internalType": "uint32"
          },
          {
            "name": "drawBlocks",
            "type": "uint32",
            "internalType": "uint32"
          },
          {
            "name": "commitBlocks",
            "type": "uint32",
            "internalType": "uint32"
          },
          {
            "name": "revealBlocks",
            "type": "uint32",
            "internalType": "uint32"
          }
        ]
      }
    ],
    "anonymous": false
  },
  {
    "type": "event",
    "name": "SetController",
    "inputs": [
      {
        "name": "controller",
        "type": "address",
        "indexed": false,
        "internalType": "address"
      }
    ],
    "anonymous": false
  },
  {
    "type": "event",
    "name": "VoteCommitted",
    "inputs": [
      {
        "name": "id",
        "type": "uint256",
        "indexed": true,
        "internalType": "uint256"
      },
      {
        "name": "juror",
        "type": "address",
        "indexed": true,
        "internalType": "address"
      }
    ],
    "anonymous": false
  },
  {
    "type": "event",
    "name": "VoteRevealed",
    "inputs": [
      {
        "name": "id",
        "type": "uint256",
        "indexed": true,
        "internalType": "uint256"
      },
      {
        "name": "juror",
        "type": "address",
        "indexed": true,
        "internalType": "address"
      },
      {
        "name": "vote",
        "type": "uint8",
        "indexed": false,
        "internalType": "enum IVerifier.Vote"
      },
      {
        "name": "seats",
        "type": "uint256",
        "indexed": false,
        "internalType": "uint256"
      }
    ],
    "anonymous": false
  },
  {
    "type": "event",
    "name": "Withdrawn",
    "inputs": [
      {
        "name": "account",
        "type": "address",
        "indexed": true,
        "internalType": "address"
      },
      {
        "name": "amount",
        "type": "uint256",
        "indexed": false,
        "internalType": "uint256"
      }
    ],
    "anonymous": false
  },
  {
    "type": "error",
    "name": "AlreadyAnnounced",
    "inputs": [
      {
        "name": "announcement",
        "type": "bytes32",
        "internalType": "bytes32"
      }
    ]
  },
  {
    "type": "error",
    "name": "AlreadyDecided",
    "inputs": [
      {
        "name": "commitment",
        "type": "bytes32",
        "internalType": "bytes32"
      }
    ]
  },
  {
    "type": "error",
    "name": "AlreadyDone",
    "inputs": []
  },
  {
    "type": "error",
    "name": "InvalidCaller",
    "inputs": [
      {
        "name": "caller",
        "type": "address",
        "internalType": "address"
      }
    ]
  },
  {
    "type": "error",
    "name": "InvalidParameter",
    "inputs": [
      {
        "name": "name",
        "type": "string",
        "internalType": "string"
      }
    ]
  },
  {
    "type": "error",
    "name": "InvalidSignature",
    "inputs": []
  },
  {
    "type": "error",
    "name": "InvalidVote",
    "inputs": []
  },
  {
    "type": "error",
    "name": "NotAnnounced",
    "inputs": [
      {
        "name": "announcement",
        "type": "bytes32",
        "internalType": "bytes32"
      }
    ]
  },
  {
    "type": "error",
    "name": "NotBonded",
    "inputs": [
      {
        "name": "challenger",
        "type": "address",
        "internalType": "address"
      }
    ]
  },
  {
    "type": "error",
    "name": "NotJuror",
    "inputs": [
      {
        "name": "account",
        "type": "address",
        "internalType": "address"
      }
    ]
  },
  {
    "type": "error",
    "name": "NotOpen",
    "inputs": [
      {
        "name": "id",
        "type": "uint256",
        "internalType": "uint256"
      }
    ]
  },
  {
    "type": "error",
    "name": "NotRegistered",
    "inputs": []
  },
  {
    "type": "error",
    "name": "OutsideDisputeWindow",
    "inputs": [
      {
        "name": "commitmentRound",
        "type": "uint256",
        "internalType": "uint256"
      },
      {
        "name": "currentRound",
        "type": "uint256",
        "internalType": "uint256"
      }
    ]
  },
  {
    "type": "error",
    "name": "OutsideStep",
    "inputs": [
      {
        "name": "first",
        "type": "uint256",
        "internalType": "uint256"
      },
      {
        "name": "last",
        "type": "uint256",
        "internalType": "uint256"
      },
      {
        "name": "blockNumber",
        "type": "uint256",
        "internalType": "uint256"
      }
    ]
  },
  {
    "type": "error",
    "name": "StillOpen",
    "inputs": [
      {
        "name": "id",
        "type": "uint256",
        "internalType": "uint256"
      }
    ]
  },
  {
    "type": "error",
    "name": "TooFewJurors",
    "inputs": [
      {
        "name": "available",
        "type": "uint256",
        "internalType": "uint256"
      },
      {
        "name": "needed",
        "type": "uint256",
        "internalType": "uint256"
      }
    ]
  },
  {
    "type": "error",
    "name": "WrongOpening",
    "inputs": []
  }
] as const
