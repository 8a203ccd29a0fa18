// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IGovernor} from "../../src/governance/IGovernor.sol";
import {ProtocolTest} from "./ProtocolTest.sol";

/// @title A network whose Controller belongs to a Governor, which belongs to the test
abstract contract OwnerTest is ProtocolTest {
    IGovernor internal protocolOwner;

    function setUp() public virtual override {
        super.setUp();
        protocolOwner = IGovernor(vm.deployCode("Governor.sol:Governor", ""));
        controller.transferOwnership(address(protocolOwner));
    }

    /// @dev An update of one call.
    function update(address target, bytes memory data) internal pure returns (IGovernor.Update memory u) {
        u.target = new address[](1);
        u.value = new uint256[](1);
        u.data = new bytes[](1);
        (u.target[0], u.data[0]) = (target, data);
    }

    function pauseUpdate() internal view returns (IGovernor.Update memory) {
        return update(address(controller), abi.encodeCall(controller.pause, ()));
    }

    function hashOf(IGovernor.Update memory u) internal pure returns (bytes32) {
        return keccak256(abi.encode(u));
    }
}
