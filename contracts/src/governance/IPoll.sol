// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @title A question to all stakers
/// @notice Anyone can vote; what a vote weighs is worked out off chain, from stakes at the end of the poll.
interface IPoll {
    /// @notice `voter` chose `choiceID`; its earlier votes no longer count.
    event Vote(address indexed voter, uint256 choiceID);

    /// @notice Votes; 0 is yes, 1 is no, other numbers mean nothing.
    function vote(uint256 _choiceID) external;

    /// @notice Ends the contract of a poll that is over, giving what it holds to the caller.
    /// @dev On chains since Cancun the code stays.
    function destroy() external;

    /// @notice Last block in which one can vote.
    function endBlock() external view returns (uint256);
}
