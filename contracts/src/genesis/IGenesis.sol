// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IMintableToken} from "./IMintableToken.sol";

/// @title Makes and distributes the first tokens
/// @notice Each part of the supply can be given out once and to the last unit; then the token gets its next owner.
interface IGenesis {
    /// @notice The parts of the first supply.
    enum Part {
        Crowd,
        Company,
        Team,
        Investors,
        Community
    }

    error NotOwner(address caller);
    error WrongPart(Part part);
    error ExceedsPart(Part part, uint256 amount, uint256 remaining);
    error PartNotGivenOut(Part part, uint256 remaining);
    error AlreadyFinished();

    /// @notice The crowd can claim `amount` from `claims`.
    event ClaimsOpened(address claims, bytes32 root, uint256 amount);

    /// @notice `account` received `amount` at once.
    event Granted(Part indexed part, address indexed account, uint256 amount);

    /// @notice `vesting` holds `amount` for `beneficiary`.
    event VestingGranted(Part indexed part, address indexed beneficiary, address vesting, uint256 amount);

    /// @notice Everything is given out and `tokenOwner` owns the token.
    event Finished(address tokenOwner);

    /// @notice Mints the crowd's part to a new GenesisClaims for the tree of this root. Owner only.
    function openClaims(bytes32 root) external returns (address claims);

    /// @notice Mints tokens of the company's or the community's part. Owner only.
    function grant(Part part, address account, uint256 amount) external;

    /// @notice Mints tokens of the team's or the investors' part to a new TokenVesting. Owner only.
    function grantVesting(
        Part part,
        address beneficiary,
        uint256 amount,
        uint64 start,
        uint64 cliffSeconds,
        uint64 durationSeconds
    ) external returns (address vesting);

    /// @notice Hands the token to its next owner. Every part must be given out. Owner only.
    function finish() external;

    /// @notice Tokens of a part that are not given out.
    function remaining(Part) external view returns (uint256);

    /// @notice Whether the genesis is over.
    function finished() external view returns (bool);

    /// @notice Who gives the tokens out.
    function owner() external view returns (address);

    /// @notice The token, which this contract must own until the end.
    function token() external view returns (IMintableToken);

    /// @notice Who owns the token afterwards.
    function tokenOwner() external view returns (address);
}
