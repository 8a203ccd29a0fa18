// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ECDSA} from "@openzeppelin/contracts/utils/cryptography/ECDSA.sol";
import {ManagerProxyTarget} from "../controller/ManagerProxyTarget.sol";
import {IVerifier} from "./IVerifier.sol";

/// @title Commitments
/// @notice What orchestrators sign, and whether they did.
abstract contract Commitments is ManagerProxyTarget, IVerifier {
    bytes32 private constant TICKET_BROKER = keccak256("TicketBroker");
    bytes32 private constant DOMAIN_TYPE =
        keccak256("EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)");
    bytes32 private constant COMMITMENT_TYPE = keccak256(
        "SegmentCommitment(address sender,address recipient,string manifestId,uint64 seq,bytes32 sourceHash,bytes32 profilesHash,bytes32 renditionsHash,uint256 pixels,string sessionId,uint256 round)"
    );

    /// @inheritdoc IVerifier
    function commitmentDigest(SegmentCommitment calldata _commitment) public view returns (bytes32) {
        // The broker names the network: tickets and commitments of one network mean nothing in another.
        bytes32 domain = keccak256(
            abi.encode(
                DOMAIN_TYPE, keccak256("Millrace"), keccak256("1"), block.chainid, _contract(TICKET_BROKER)
            )
        );
        bytes32 content = keccak256(
            abi.encode(
                COMMITMENT_TYPE,
                _commitment.sender,
                _commitment.recipient,
                keccak256(bytes(_commitment.manifestId)),
                _commitment.seq,
                _commitment.sourceHash,
                _commitment.profilesHash,
                _commitment.renditionsHash,
                _commitment.pixels,
                keccak256(bytes(_commitment.sessionId)),
                _commitment.round
            )
        );
        return ECDSA.toTypedDataHash(domain, content);
    }

    function _requireSigned(SegmentCommitment calldata commitment, bytes32 digest, bytes calldata signature)
        internal
        pure
    {
        (address signer, ECDSA.RecoverError problem) = ECDSA.tryRecover(digest, signature);
        if (problem != ECDSA.RecoverError.NoError || signer != commitment.recipient) revert InvalidSignature();
    }
}
