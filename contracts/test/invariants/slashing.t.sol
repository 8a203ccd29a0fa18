// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Handler} from "./Handler.sol";
import {ProtocolInvariants} from "./protocol.t.sol";
import {SlashingHandler} from "./SlashingHandler.sol";

/// @title The same, where a Verifier slashes, fines and freezes
contract SlashingInvariants is ProtocolInvariants {
    function newHandler(address[] memory senders) internal override returns (Handler) {
        register("Verifier", verifier);
        return new SlashingHandler(bonding, rounds, broker, everyone, senders, verifier);
    }

    function act(uint256 seed) internal override {
        if (seed % 6 > 0) {
            super.act(seed / 6);
            return;
        }
        SlashingHandler slashing = SlashingHandler(address(handler));
        (uint256 a, uint256 b, uint256 c) = (seed >> 8, seed >> 72, seed >> 136);
        uint256 action = (seed / 6) % 5;
        if (action == 0) slashing.slash(a, b, c, seed >> 190);
        else if (action == 1) slashing.slashLocks(a, b, c, seed >> 190);
        else if (action == 2) slashing.fine(a, b);
        else if (action == 3) slashing.freeze(a);
        else slashing.release(a);
    }

    function test_slashes_fines_and_freezes_succeed_too() external {
        for (uint256 i = 0; i < 300; i++) {
            act(6 * uint256(keccak256(abi.encode(i)) >> 8));
            act(uint256(keccak256(abi.encode("others", i))));
        }
        string[5] memory names = ["slash", "slashLocks", "fine", "freeze", "release"];
        for (uint256 i = 0; i < names.length; i++) {
            vm.assertGt(handler.successes(names[i]), 10, names[i]);
        }
    }
}
