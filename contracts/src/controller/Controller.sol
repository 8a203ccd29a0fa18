// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IController} from "./IController.sol";
import {IManager} from "./IManager.sol";
import {Ownable} from "./Ownable.sol";

/// @title Controller
/// @notice Every protocol contract finds its collaborators and the pause switch here.
contract Controller is Ownable, IController {
    struct ContractInfo {
        address contractAddress;
        bytes20 gitCommitHash;
    }

    /// @inheritdoc IController
    bool public override paused;

    mapping(bytes32 => ContractInfo) private registry;

    /// @dev Starts paused, so that nothing can be used before the registry is complete.
    constructor() {
        paused = true;
    }

    /// @inheritdoc IController
    function pause() external onlyOwner {
        require(!paused);
        paused = true;
        emit Pause();
    }

    /// @inheritdoc IController
    function unpause() external onlyOwner {
        require(paused);
        paused = false;
        emit Unpause();
    }

    /// @inheritdoc IController
    function setContractInfo(bytes32 _id, address _contractAddress, bytes20 _gitCommitHash) external onlyOwner {
        registry[_id] = ContractInfo(_contractAddress, _gitCommitHash);
        emit SetContractInfo(_id, _contractAddress, _gitCommitHash);
    }

    /// @inheritdoc IController
    function updateController(bytes32 _id, address _controller) external onlyOwner {
        IManager(registry[_id].contractAddress).setController(_controller);
    }

    /// @inheritdoc IController
    function getContract(bytes32 _id) external view returns (address) {
        return registry[_id].contractAddress;
    }

    /// @inheritdoc IController
    function getContractInfo(bytes32 _id) external view returns (address, bytes20) {
        ContractInfo storage info = registry[_id];
        return (info.contractAddress, info.gitCommitHash);
    }
}
