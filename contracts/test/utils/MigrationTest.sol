// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IMigrator} from "../../src/bridge/IMigrator.sol";
import {L1Migrator} from "../../src/bridge/l1/L1Migrator.sol";
import {DelegatorPool} from "../../src/bridge/l2/DelegatorPool.sol";
import {L2Migrator} from "../../src/bridge/l2/L2Migrator.sol";
import {MerkleSnapshot} from "../../src/governance/MerkleSnapshot.sol";
import {BridgeTest} from "./BridgeTest.sol";

/// @title Both migrators; the protocol of layer 2 also plays that of layer 1, which has the same view functions
/// @dev The L2Migrator holds 5000 LPT and 100 ether. alice, bob and carol have stake since before this round.
abstract contract MigrationTest is BridgeTest {
    L1Migrator internal migrator1;
    L2Migrator internal migrator2;
    MerkleSnapshot internal snapshot;
    DelegatorPool internal poolImpl;

    function setUp() public virtual override {
        super.setUp();
        startWithTranscoders();
        snapshot = new MerkleSnapshot(address(controller));
        register("MerkleSnapshot", address(snapshot));
        poolImpl = new DelegatorPool();
        migrator2 = L2Migrator(payable(deployBehindProxy("L2Migrator", "L2Migrator")));
        migrator1 = new L1Migrator(
            address(inbox), address(bonding), address(broker), address(l1Token), address(l1Gateway), address(migrator2)
        );
        migrator1.setBridgeMinter(address(bridgeMinter));
        migrator1.unpause();
        bridgeMinter.setL1Migrator(address(migrator1));
        migrator2.initialize(address(migrator1), address(poolImpl));
        vm.prank(migrator);
        token.transfer(address(migrator2), 5000 * LPT);
        vm.deal(address(migrator2), 100 ether);
    }

    /// @dev What the L1Migrator says about a layer 1 delegator.
    function delegatorParams(address who, address to, uint256 stake, uint256 delegated, uint256 fees, address delegate)
        internal
        pure
        returns (IMigrator.MigrateDelegatorParams memory)
    {
        return IMigrator.MigrateDelegatorParams(who, to, stake, delegated, fees, delegate);
    }

    function finalize(IMigrator.MigrateDelegatorParams memory params) internal {
        vm.prank(aliasOf(address(migrator1)));
        migrator2.finalizeMigrateDelegator(params);
    }

    /// @dev A layer 1 transcoder with stake of its own and of others, as `l2`.
    function migrateTranscoder(address l1, address l2, uint256 own, uint256 ofOthers)
        internal
        returns (DelegatorPool pool)
    {
        finalize(delegatorParams(l1, l2, own, own + ofOthers, 0, l1));
        return DelegatorPool(migrator2.delegatorPools(l1));
    }

    /// @dev Layer 1 accounts are others than those of layer 2, whose stake must not mix in.
    function l1Account(string memory name) internal returns (address) {
        return account(string.concat("l1 ", name));
    }

    function leafOf(address who, address delegate, uint256 stake, uint256 fees) internal pure returns (bytes32) {
        return keccak256(abi.encodePacked(who, delegate, stake, fees));
    }

    /// @dev Publishes a snapshot of two leaves; the proof of each is the other.
    function publish(bytes32 a, bytes32 b) internal {
        bytes32 root = a < b ? keccak256(abi.encodePacked(a, b)) : keccak256(abi.encodePacked(b, a));
        snapshot.setSnapshot(keccak256("LIP-73"), root);
        migrator2.setClaimStakeEnabled(true);
    }

    function proofOf(bytes32 sibling) internal pure returns (bytes32[] memory proof) {
        proof = new bytes32[](1);
        proof[0] = sibling;
    }
}
