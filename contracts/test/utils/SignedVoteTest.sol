// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {GovernanceTest} from "./GovernanceTest.sol";

/// @title Votes that are signed instead of sent
abstract contract SignedVoteTest is GovernanceTest {
    uint256 internal constant CURVE_ORDER = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141;

    function ballot(uint256 id, uint8 support) internal view returns (bytes32) {
        return typedData(keccak256(abi.encode(keccak256("Ballot(uint256 proposalId,uint8 support)"), id, support)));
    }

    function extendedBallot(uint256 id, uint8 support, string memory reason, bytes memory params)
        internal
        view
        returns (bytes32)
    {
        bytes32 kind = keccak256("ExtendedBallot(uint256 proposalId,uint8 support,string reason,bytes params)");
        return typedData(keccak256(abi.encode(kind, id, support, keccak256(bytes(reason)), keccak256(params))));
    }

    function typedData(bytes32 message) private view returns (bytes32) {
        bytes32 domain = keccak256(
            abi.encode(
                keccak256("EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)"),
                keccak256("LivepeerGovernor"),
                keccak256("1"),
                block.chainid,
                address(governor)
            )
        );
        return keccak256(abi.encodePacked(hex"1901", domain, message));
    }
}
