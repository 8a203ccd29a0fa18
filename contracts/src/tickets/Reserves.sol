// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IBondingManager} from "../bonding/IBondingManager.sol";
import {ManagerProxyTarget} from "../controller/ManagerProxyTarget.sol";
import {IRoundsManager} from "../rounds/IRoundsManager.sol";
import {IMinter} from "../token/IMinter.sol";
import {ITicketBroker} from "./ITicketBroker.sol";

/// @title Reserves
/// @notice What every active transcoder can count on when a sender's deposit is used up.
abstract contract Reserves is ManagerProxyTarget, ITicketBroker {
    bytes32 private constant MINTER = keccak256("Minter");
    bytes32 private constant BONDING_MANAGER = keccak256("BondingManager");
    bytes32 private constant ROUNDS_MANAGER = keccak256("RoundsManager");

    struct Reserve {
        uint256 funds;
        mapping(uint256 => uint256) claimedForRound;
        mapping(uint256 => mapping(address => uint256)) claimedByAddress;
    }

    mapping(address => Reserve) internal reserves;

    constructor(address _controller) ManagerProxyTarget(_controller) {}

    /// @inheritdoc ITicketBroker
    function getReserveInfo(address _reserveHolder) public view returns (ReserveInfo memory info) {
        Reserve storage reserve = reserves[_reserveHolder];
        info.fundsRemaining = reserve.funds;
        info.claimedInCurrentRound = reserve.claimedForRound[_roundsManager().currentRound()];
    }

    /// @inheritdoc ITicketBroker
    function claimableReserve(address _reserveHolder, address _claimant) external view returns (uint256) {
        return _claimable(reserves[_reserveHolder], _claimant, _roundsManager().currentRound());
    }

    /// @inheritdoc ITicketBroker
    function claimedReserve(address _reserveHolder, address _claimant) external view returns (uint256) {
        return reserves[_reserveHolder].claimedByAddress[_roundsManager().currentRound()][_claimant];
    }

    /// @dev Takes up to `amount` for the claimant from the holder's reserve and returns how much that was.
    function _claimFromReserve(address holder, address claimant, uint256 amount, uint256 round)
        internal
        returns (uint256)
    {
        Reserve storage reserve = reserves[holder];
        uint256 claimable = _claimable(reserve, claimant, round);
        uint256 claimed = amount < claimable ? amount : claimable;
        if (claimed > 0) {
            reserve.funds -= claimed;
            reserve.claimedForRound[round] += claimed;
            reserve.claimedByAddress[round][claimant] += claimed;
            emit ReserveClaimed(holder, claimant, claimed);
        }
        return claimed;
    }

    /// @dev An equal part of the reserve as it was when the round began, less what the claimant has had. The pool's
    ///      size is that of the next round, read live; if it grows after a claim the subtraction may fail.
    function _claimable(Reserve storage reserve, address claimant, uint256 round) private view returns (uint256) {
        IBondingManager bondingManager = _bondingManager();
        if (!bondingManager.isActiveTranscoder(claimant)) return 0;
        uint256 poolSize = bondingManager.getTranscoderPoolSize();
        if (poolSize == 0) return 0;
        uint256 total = reserve.funds + reserve.claimedForRound[round];
        return total / poolSize - reserve.claimedByAddress[round][claimant];
    }

    function _bondingManager() internal view returns (IBondingManager) {
        return IBondingManager(_contract(BONDING_MANAGER));
    }

    function _roundsManager() internal view returns (IRoundsManager) {
        return IRoundsManager(_contract(ROUNDS_MANAGER));
    }

    function _minter() internal view returns (IMinter) {
        return IMinter(_contract(MINTER));
    }
}
