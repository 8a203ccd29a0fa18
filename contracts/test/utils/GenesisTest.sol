// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IGenesis} from "../../src/genesis/IGenesis.sol";
import {LivepeerTokenL1} from "../../src/token/LivepeerTokenL1.sol";
import {Test} from "./Test.sol";

/// @title A genesis of 10,000,000 LPT, owned by the test
abstract contract GenesisTest is Test {
    uint256 internal constant LPT = 1e18;
    uint256 internal constant CROWD = 6_343_700 * LPT;
    uint256 internal constant COMPANY = 500_000 * LPT;
    uint256 internal constant TEAM = 1_235_000 * LPT;
    uint256 internal constant INVESTORS = 1_900_000 * LPT;
    uint256 internal constant COMMUNITY = 21_300 * LPT;
    uint64 internal constant START = 1_700_000_000;

    LivepeerTokenL1 internal token;
    IGenesis internal genesis;

    address internal owner = address(this);
    address internal alice = account("alice");
    address internal bob = account("bob");
    address internal stranger = account("stranger");
    address internal minter = account("minter");

    function setUp() public virtual {
        vm.warp(START);
        token = new LivepeerTokenL1();
        uint256[5] memory supply = [CROWD, COMPANY, TEAM, INVESTORS, COMMUNITY];
        genesis = IGenesis(vm.deployCode("Genesis.sol:Genesis", abi.encode(token, minter, supply)));
        token.transferOwnership(address(genesis));
    }

    function leafOf(address who, uint256 amount) internal pure returns (bytes32) {
        return keccak256(bytes.concat(keccak256(abi.encode(who, amount))));
    }

    function pair(bytes32 a, bytes32 b) internal pure returns (bytes32) {
        return a <= b ? keccak256(abi.encodePacked(a, b)) : keccak256(abi.encodePacked(b, a));
    }

    function one(bytes32 sibling) internal pure returns (bytes32[] memory proof) {
        proof = new bytes32[](1);
        proof[0] = sibling;
    }

    function giveOutEverything() internal {
        genesis.openClaims(leafOf(alice, CROWD));
        genesis.grant(IGenesis.Part.Company, alice, COMPANY);
        genesis.grant(IGenesis.Part.Community, bob, COMMUNITY);
        genesis.grantVesting(IGenesis.Part.Team, alice, TEAM, START, 0, 1);
        genesis.grantVesting(IGenesis.Part.Investors, bob, INVESTORS, START, 0, 1);
    }

    function assertOwnerOnlyUntilTheEnd(bytes memory data) internal {
        bytes memory notOwner = abi.encodeWithSelector(IGenesis.NotOwner.selector, stranger);
        assertRevertsWith(stranger, address(genesis), data, notOwner);
        giveOutEverything();
        genesis.finish();
        bytes memory over = abi.encodeWithSelector(IGenesis.AlreadyFinished.selector);
        assertRevertsWith(owner, address(genesis), data, over);
    }
}
