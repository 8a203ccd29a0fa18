// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {GovernanceTest} from "./GovernanceTest.sol";

/// @title The treasury with one account for each of its roles: alice proposes, bob executes, carol cancels
abstract contract TreasuryTest is GovernanceTest {
    uint256 internal constant DELAY = 1 hours;
    bytes32 internal constant SALT = keccak256("salt");
    bytes32 internal constant PROPOSER = keccak256("PROPOSER_ROLE");
    bytes32 internal constant EXECUTOR = keccak256("EXECUTOR_ROLE");
    bytes32 internal constant CANCELLER = keccak256("CANCELLER_ROLE");
    bytes32 internal constant ADMIN = keccak256("TIMELOCK_ADMIN_ROLE");

    event CallScheduled(
        bytes32 indexed id,
        uint256 indexed index,
        address target,
        uint256 value,
        bytes data,
        bytes32 predecessor,
        uint256 delay
    );
    event CallSalt(bytes32 indexed id, bytes32 salt);
    event CallExecuted(bytes32 indexed id, uint256 indexed index, address target, uint256 value, bytes data);

    function setUp() public virtual override {
        super.setUp();
        vm.prank(address(timelock));
        timelock.grantRole(PROPOSER, alice);
        vm.prank(address(timelock));
        timelock.grantRole(EXECUTOR, bob);
        vm.prank(address(timelock));
        timelock.grantRole(CANCELLER, carol);
        vm.prank(address(timelock));
        timelock.updateDelay(DELAY);
    }

    /// @dev Call data that pays erin.
    function pay(uint256 amount) internal view returns (bytes memory) {
        return abi.encodeCall(token.transfer, (erin, amount));
    }

    function schedulePayment(uint256 amount, bytes32 predecessor) internal returns (bytes32 id) {
        vm.prank(alice);
        timelock.schedule(address(token), 0, pay(amount), predecessor, SALT, DELAY);
        return timelock.hashOperation(address(token), 0, pay(amount), predecessor, SALT);
    }

    /// @dev Two payments to erin, as one operation.
    function batch(uint256 first, uint256 second)
        internal
        view
        returns (address[] memory targets, uint256[] memory values, bytes[] memory payloads)
    {
        (targets, values, payloads) = (new address[](2), new uint256[](2), new bytes[](2));
        (targets[0], targets[1]) = (address(token), address(token));
        (payloads[0], payloads[1]) = (pay(first), pay(second));
    }
}
