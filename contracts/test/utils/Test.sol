// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Vm} from "./Vm.sol";

/// @title What every test contract has
abstract contract Test {
    /// @dev Address at which forge answers cheat codes.
    Vm internal constant vm = Vm(address(uint160(uint256(keccak256("hevm cheat code")))));

    /// @dev Tells forge that this is a test contract.
    bool public constant IS_TEST = true;

    /// @dev Calls as `sender` and requires the call to fail with exactly `reason`.
    function assertReverts(address sender, address target, bytes memory data, string memory reason) internal {
        assertRevertsWith(sender, target, data, abi.encodeWithSignature("Error(string)", reason));
    }

    /// @dev Calls as `sender` and requires the call to fail with exactly the given data.
    function assertRevertsWith(address sender, address target, bytes memory data, bytes memory revertData) internal {
        vm.prank(sender);
        (bool ok, bytes memory result) = target.call(data);
        vm.assertFalse(ok, "the call should fail");
        vm.assertEq(result, revertData, "the call fails with the wrong data");
    }

    /// @dev Calls as `sender` and requires the call to fail with a panic.
    function assertPanics(address sender, address target, bytes memory data, uint256 code) internal {
        assertRevertsWith(sender, target, data, abi.encodeWithSignature("Panic(uint256)", code));
    }

    /// @dev How many of the logs since vm.recordLogs() `emitter` has written. Forgets them all.
    function countLogs(address emitter) internal returns (uint256 count) {
        Vm.Log[] memory logs = vm.getRecordedLogs();
        for (uint256 i = 0; i < logs.length; i++) {
            if (logs[i].emitter == emitter) count++;
        }
    }

    function account(string memory name) internal returns (address) {
        address result = vm.addr(keyOf(name));
        vm.label(result, name);
        return result;
    }

    function keyOf(string memory name) internal pure returns (uint256) {
        return uint256(keccak256(bytes(name)));
    }

    /// @dev Brings a fuzzed number into a range, both ends included.
    function bound(uint256 value, uint256 min, uint256 max) internal pure returns (uint256) {
        return value < min || value > max ? min + value % (max - min + 1) : value;
    }
}
