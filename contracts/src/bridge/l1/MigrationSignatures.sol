// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ECDSA} from "@openzeppelin/contracts/utils/cryptography/ECDSA.sol";

/// @title MigrationSignatures
/// @notice Who signed what, after EIP-712 in the domain "Livepeer L1Migrator", version "1".
/// @dev Not OpenZeppelin's EIP712, whose newer versions add functions, events and errors that the deployed one lacks.
abstract contract MigrationSignatures {
    bytes32 private constant DOMAIN_TYPE_HASH =
        keccak256("EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)");
    bytes32 private constant NAME_HASH = keccak256("Livepeer L1Migrator");
    bytes32 private constant VERSION_HASH = keccak256("1");
    bytes32 private constant DELEGATOR_TYPE_HASH = keccak256("MigrateDelegator(address l1Addr,address l2Addr)");
    bytes32 private constant SENDER_TYPE_HASH = keccak256("MigrateSender(address l1Addr,address l2Addr)");
    bytes32 private constant UNBONDING_LOCKS_TYPE_HASH =
        keccak256("MigrateUnbondingLocks(address l1Addr,address l2Addr,uint256[] unbondingLockIds)");

    /// @dev Above this, a signature has a twin below it.
    uint256 private constant HALF_ORDER = 0x7FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF5D576E7357A4501DDFE92F46681B20A0;

    function _delegatorHash(address l1Addr, address l2Addr) internal pure returns (bytes32) {
        return keccak256(abi.encode(DELEGATOR_TYPE_HASH, l1Addr, l2Addr));
    }

    function _senderHash(address l1Addr, address l2Addr) internal pure returns (bytes32) {
        return keccak256(abi.encode(SENDER_TYPE_HASH, l1Addr, l2Addr));
    }

    function _unbondingLocksHash(address l1Addr, address l2Addr, uint256[] calldata ids)
        internal
        pure
        returns (bytes32)
    {
        return keccak256(abi.encode(UNBONDING_LOCKS_TYPE_HASH, l1Addr, l2Addr, keccak256(abi.encodePacked(ids))));
    }

    /// @dev The account itself needs no signature; what it gives is not even looked at.
    function _requireAuthorized(address l1Addr, address l2Addr, bytes32 structHash, bytes calldata sig) internal view {
        require(l2Addr != address(0), "INVALID_L2_ADDR");
        require(msg.sender == l1Addr || _signerOf(structHash, sig) == l1Addr, "FAIL_AUTH");
    }

    function _signerOf(bytes32 structHash, bytes calldata sig) private view returns (address) {
        // Reckoned anew each time, so that a fork of the chain has a domain of its own.
        bytes32 domain = keccak256(abi.encode(DOMAIN_TYPE_HASH, NAME_HASH, VERSION_HASH, block.chainid, address(this)));
        bytes32 hash = ECDSA.toTypedDataHash(domain, structHash);
        // The short form of EIP-2098; harmless, because a migration can be announced twice anyway.
        if (sig.length == 64) return ECDSA.recover(hash, bytes32(sig[:32]), bytes32(sig[32:]));
        if (sig.length == 65 && uint256(bytes32(sig[32:64])) <= HALF_ORDER) {
            require(sig[64] == 0x1b || sig[64] == 0x1c, "ECDSA: invalid signature 'v' value");
        }
        return ECDSA.recover(hash, sig);
    }
}
