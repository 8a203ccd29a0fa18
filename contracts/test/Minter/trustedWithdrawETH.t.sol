// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ProtocolTest} from "../utils/ProtocolTest.sol";

contract Minter_trustedWithdrawETH_Test is ProtocolTest {
    function test_pays_both_managers() public {
        fundSender(2 ether, 0);
        vm.prank(address(bonding));
        minter.trustedWithdrawETH(payable(dave), 1 ether);
        vm.prank(address(broker));
        minter.trustedWithdrawETH(payable(dave), 1 ether);
        vm.assertEq(dave.balance, 1_002 ether);
    }

    function test_gives_the_recipient_no_gas_to_call_back() public {
        fundSender(1 ether, 0);
        vm.prank(address(bonding));
        (bool ok,) = address(minter).call(abi.encodeCall(minter.trustedWithdrawETH, (payable(address(this)), 1)));
        vm.assertFalse(ok);
    }

    uint256 private received;

    receive() external payable {
        received++;
    }

    function test_is_reserved_to_the_managers() public {
        bytes memory data = abi.encodeCall(minter.trustedWithdrawETH, (payable(dave), 0));
        assertReverts(owner, address(minter), data, "msg.sender not BondingManager or JobsManager");
        assertNeedsRunningSystem(address(broker), address(minter), data);
    }
}
