// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IBondingManager} from "../../src/bonding/IBondingManager.sol";
import {ProtocolTest} from "../utils/ProtocolTest.sol";

contract BondingManager_delegatorStatus_Test is ProtocolTest {
    function test_goes_from_unbonded_over_pending_to_bonded() public {
        vm.assertEq(uint256(bonding.delegatorStatus(alice)), uint256(IBondingManager.DelegatorStatus.Unbonded));
        bondAs(alice, 1, alice);
        vm.assertEq(uint256(bonding.delegatorStatus(alice)), uint256(IBondingManager.DelegatorStatus.Pending));
        nextRound();
        vm.assertEq(uint256(bonding.delegatorStatus(alice)), uint256(IBondingManager.DelegatorStatus.Bonded));
    }
}
