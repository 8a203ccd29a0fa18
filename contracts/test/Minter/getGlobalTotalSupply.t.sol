// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ProtocolTest} from "../utils/ProtocolTest.sol";

contract Minter_getGlobalTotalSupply_Test is ProtocolTest {
    uint256 private onLayer1;

    function l1CirculatingSupply() external view returns (uint256) {
        return onLayer1;
    }

    // 2022-02: inflation was reckoned from the supply of layer 2 alone.
    function test_counts_both_layers() public {
        vm.assertEq(minter.getGlobalTotalSupply(), 80_000 * LPT);
        register("L2LPTDataCache", address(this));
        onLayer1 = 5 * LPT;
        vm.assertEq(minter.getGlobalTotalSupply(), 80_005 * LPT);
        nextRound();
        vm.assertEq(minter.currentMintableTokens(), 80_005 * LPT * minter.inflation() / 1e9);
    }
}
