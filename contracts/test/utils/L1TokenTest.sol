// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {LivepeerTokenL1} from "../../src/token/LivepeerTokenL1.sol";
import {Test} from "./Test.sol";

/// @title The layer 1 token alone, owned by the test; alice has 100
abstract contract L1TokenTest is Test {
    LivepeerTokenL1 internal l1Token = new LivepeerTokenL1();
    address internal alice = account("alice");
    address internal bob = account("bob");
    address internal stranger = account("stranger");

    function setUp() public {
        l1Token.mint(alice, 100);
    }

    function assertRefused(address who, bytes memory data) internal {
        assertRevertsWith(who, address(l1Token), data, "");
    }
}
