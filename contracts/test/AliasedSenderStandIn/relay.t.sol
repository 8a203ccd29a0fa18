// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {AliasedSenderStandIn} from "../../src/dev/AliasedSenderStandIn.sol";
import {RetryablesTest} from "../utils/RetryablesTest.sol";

contract AliasedSenderStandIn_relay_Test is RetryablesTest {
    function relay() private view returns (bytes memory) {
        return abi.encodeCall(AliasedSenderStandIn.relay, (address(target), abi.encodeCall(target.hit, ())));
    }

    function test_speaks_for_the_retryables_only() public {
        string memory reason = "AliasedSenderStandIn: only for messages from layer 1";
        assertReverts(relayer, speaker, relay(), reason);
        assertReverts(speaker, speaker, relay(), reason);
    }

    function test_fails_as_the_call_fails() public {
        target.setOpen(false);
        assertReverts(address(RETRYABLES), speaker, relay(), "closed");
    }

    function test_takes_refunds() public {
        vm.prank(relayer);
        (bool ok,) = speaker.call{value: 1}("");
        vm.assertTrue(ok);
    }
}
