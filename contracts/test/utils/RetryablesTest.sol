// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {AliasedSenderStandIn} from "../../src/dev/AliasedSenderStandIn.sol";
import {IRetryables} from "../../src/dev/IRetryables.sol";
import {Test} from "./Test.sol";

/// @title A target that can be told to fail
contract Target {
    bool public open = true;
    uint256 public calls;
    address public lastSender;

    receive() external payable {}

    function setOpen(bool _open) external {
        open = _open;
    }

    function hit() external payable {
        require(open, "closed");
        calls++;
        lastSender = msg.sender;
    }

    function burnGas() external payable {
        uint256 start = gasleft();
        uint256 i;
        while (start - gasleft() < 200_000) i++;
        require(open, "closed");
        calls++;
    }

    function failAtLength() external payable {
        assembly {
            revert(0x80, 20000)
        }
    }

    function redeemAgain(bytes32 ticketId) external payable {
        calls++;
        IRetryables(address(0x6e)).redeem(ticketId);
    }
}

/// @title Messages from layer 1 alone: the test relays, `speaker` is the alias of a layer 1 contract
abstract contract RetryablesTest is Test {
    IRetryables internal constant RETRYABLES = IRetryables(address(0x6e));

    address internal relayer = account("relayer");
    address internal speaker = account("speaker");
    address internal refunded = account("refunded");
    address internal beneficiary = account("beneficiary");
    address internal stranger = account("stranger");
    Target internal target;

    function setUp() public {
        vm.etch(address(RETRYABLES), vm.getDeployedCode("RetryablesStandIn.sol:RetryablesStandIn"));
        vm.store(address(RETRYABLES), bytes32(0), bytes32(uint256(uint160(relayer))));
        vm.etch(speaker, vm.getDeployedCode("AliasedSenderStandIn.sol:AliasedSenderStandIn"));
        vm.deal(relayer, 100 ether);
        vm.warp(1_000_000);
        target = new Target();
    }

    function message(bytes memory data) internal view returns (IRetryables.Message memory) {
        return IRetryables.Message(speaker, address(target), 3, 10, refunded, beneficiary, 100_000, data);
    }

    function hit() internal view returns (IRetryables.Message memory) {
        return message(abi.encodeCall(target.hit, ()));
    }

    function deliver(IRetryables.Message memory what) internal returns (bytes32 ticketId) {
        uint256 number = RETRYABLES.delivered();
        vm.prank(relayer);
        RETRYABLES.deliver{value: what.deposit}(number, keccak256(abi.encode(number)), what);
        return RETRYABLES.ticketIdOf(number);
    }

    /// @dev A message whose first attempt failed.
    function deliverInVain() internal returns (bytes32 ticketId) {
        target.setOpen(false);
        ticketId = deliver(hit());
        target.setOpen(true);
        vm.assertEq(target.calls(), 0);
    }

    function assertGone(bytes32 ticketId) internal {
        bytes memory reason = abi.encodeWithSelector(IRetryables.NoTicketWithID.selector);
        address to = address(RETRYABLES);
        assertRevertsWith(stranger, to, abi.encodeCall(RETRYABLES.redeem, (ticketId)), reason);
        assertRevertsWith(beneficiary, to, abi.encodeCall(RETRYABLES.cancel, (ticketId)), reason);
        assertRevertsWith(stranger, to, abi.encodeCall(RETRYABLES.keepalive, (ticketId)), reason);
        assertRevertsWith(stranger, to, abi.encodeCall(RETRYABLES.getTimeout, (ticketId)), reason);
        assertRevertsWith(stranger, to, abi.encodeCall(RETRYABLES.getBeneficiary, (ticketId)), reason);
    }
}
