// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Minter} from "../../src/token/Minter.sol";
import {ProtocolTest} from "../utils/ProtocolTest.sol";

contract Minter_constructor_Test is ProtocolTest {
    function test_refuses_percentages_above_everything() public {
        vm.assertEq(deployReason(1e9 + 1, 0, 0), "_inflation is invalid percentage");
        vm.assertEq(deployReason(0, 1e9 + 1, 0), "_inflationChange is invalid percentage");
        vm.assertEq(deployReason(0, 0, 1e9 + 1), "_targetBondingRate is invalid percentage");
    }

    function deployReason(uint256 inflation, uint256 change, uint256 target) private returns (string memory) {
        try new Minter(address(controller), inflation, change, target) returns (Minter) {
            return "deployed";
        } catch Error(string memory reason) {
            return reason;
        }
    }

    function test_takes_its_parameters() public view {
        vm.assertEq(minter.inflationChange(), 3_000);
        vm.assertEq(minter.targetBondingRate(), 500_000_000);
        vm.assertEq(address(minter.getController()), address(controller));
    }
}
