// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IBondingVotes} from "../../src/bonding/IBondingVotes.sol";
import {ProtocolTest} from "../utils/ProtocolTest.sol";

contract BondingVotes_delegate_Test is ProtocolTest {
    function test_sends_the_caller_to_the_bonding_manager() public {
        assertRevertsWith(
            alice,
            address(votes),
            abi.encodeCall(votes.delegate, (bob)),
            abi.encodeWithSelector(IBondingVotes.MustCallBondingManager.selector, "bond")
        );
    }
}
