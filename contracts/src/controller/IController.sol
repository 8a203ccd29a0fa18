// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IOwnable} from "./IOwnable.sol";

/// @title Registry of the protocol's contracts and the switch that pauses them
interface IController is IOwnable {
    /// @notice A contract was registered or replaced.
    event SetContractInfo(bytes32 id, address contractAddress, bytes20 gitCommitHash);

    /// @notice The system was paused.
    event Pause();

    /// @notice The system was resumed.
    event Unpause();

    /// @notice Pauses the system. Owner only, fails if already paused.
    function pause() external;

    /// @notice Resumes the system. Owner only, fails if not paused.
    function unpause() external;

    /// @notice Registers `_contractAddress` under `_id`, replacing what stood there. Owner only.
    /// @param _id keccak256 of the contract's name
    /// @param _contractAddress Address that collaborators will call from now on
    /// @param _gitCommitHash Commit the contract was built from
    function setContractInfo(bytes32 _id, address _contractAddress, bytes20 _gitCommitHash) external;

    /// @notice Points the contract registered under `_id` at another Controller. Owner only.
    function updateController(bytes32 _id, address _controller) external;

    /// @notice Address registered under `_id`, zero if none.
    function getContract(bytes32 _id) external view returns (address);

    /// @notice Address and source commit registered under `_id`.
    function getContractInfo(bytes32 _id) external view returns (address, bytes20);

    /// @notice Whether the system is paused.
    function paused() external view returns (bool);
}
