// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IBondingManager} from "../../src/bonding/IBondingManager.sol";
import {ISlashing} from "../../src/bonding/ISlashing.sol";
import {AdjustableRoundsManager} from "../../src/rounds/AdjustableRoundsManager.sol";
import {ITicketBroker} from "../../src/tickets/ITicketBroker.sol";
import {Handler} from "./Handler.sol";

/// @title What a Verifier may do, beside the actions of everybody else
contract SlashingHandler is Handler {
    address private immutable verifier;
    address private immutable target;

    constructor(
        IBondingManager _bonding,
        AdjustableRoundsManager _rounds,
        ITicketBroker _broker,
        address[] memory _actors,
        address[] memory _senders,
        address _verifier
    ) Handler(_bonding, _rounds, _broker, _actors, _senders) {
        verifier = _verifier;
        target = address(_bonding);
    }

    function slash(uint256 who, uint256 part, uint256 fee, uint256 finder) external {
        address losing = actor(who);
        address rewarded = finder % 3 == 0 ? address(0) : actor(finder >> 8);
        part = part % 4 == 0 ? 1_000_000 : part % 1_000_001;
        bytes memory data = abi.encodeCall(bonding.slashTranscoder, (losing, rewarded, part, fee % 1_000_001));
        order("slash", losing, data);
    }

    function slashLocks(uint256 who, uint256 part, uint256 first, uint256 count) external {
        address losing = actor(who);
        (,,,,,, uint256 locks) = bonding.getDelegator(losing);
        first = locks == 0 ? 0 : first % locks;
        bytes memory data = abi.encodeCall(
            ISlashing.slashUnbondingLocks, (losing, address(0), part % 1_000_001, 0, first, first + count % 5)
        );
        order("slashLocks", losing, data);
    }

    function fine(uint256 who, uint256 amount) external {
        address losing = actor(who);
        order("fine", losing, abi.encodeCall(ISlashing.fineTranscoder, (losing, bound(amount, 0, 200e18))));
    }

    function freeze(uint256 who) external {
        order("freeze", actor(who), abi.encodeCall(ISlashing.freezeStake, (actor(who))));
    }

    function release(uint256 who) external {
        order("release", actor(who), abi.encodeCall(ISlashing.releaseStake, (actor(who))));
    }

    function order(string memory name, address losing, bytes memory data) private {
        attemptAgainst(losing, name, verifier, target, 0, data);
    }
}
