// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IController} from "../../controller/IController.sol";
import {IOwnable} from "../../controller/IOwnable.sol";
import {Manager} from "../../controller/Manager.sol";
import {ILivepeerTokenL1} from "../../token/ILivepeerTokenL1.sol";
import {IBridgeMinter} from "./IBridgeMinter.sol";

/// @title BridgeMinter
/// @dev Must own the token.
contract BridgeMinter is Manager, IBridgeMinter {
    bytes32 private constant LIVEPEER_TOKEN = keccak256("LivepeerToken");

    /// @inheritdoc IBridgeMinter
    address public override l1MigratorAddr;
    /// @inheritdoc IBridgeMinter
    address public override l1LPTGatewayAddr;

    modifier onlyL1Migrator() {
        require(msg.sender == l1MigratorAddr, "NOT_L1_MIGRATOR");
        _;
    }

    modifier onlyL1LPTGateway() {
        require(msg.sender == l1LPTGatewayAddr, "NOT_L1_LPT_GATEWAY");
        _;
    }

    /// @param _controller Layer 1 Controller
    /// @param _l1MigratorAddr Moves funds to layer 2
    /// @param _l1LPTGatewayAddr Pays withdrawals from layer 2
    constructor(address _controller, address _l1MigratorAddr, address _l1LPTGatewayAddr) Manager(_controller) {
        l1MigratorAddr = _l1MigratorAddr;
        l1LPTGatewayAddr = _l1LPTGatewayAddr;
    }

    // Controller owner

    /// @inheritdoc IBridgeMinter
    function setL1Migrator(address _l1MigratorAddr) external onlyControllerOwner {
        l1MigratorAddr = _l1MigratorAddr;
        emit L1MigratorUpdate(_l1MigratorAddr);
    }

    /// @inheritdoc IBridgeMinter
    function setL1LPTGateway(address _l1LPTGatewayAddr) external onlyControllerOwner {
        l1LPTGatewayAddr = _l1LPTGatewayAddr;
        emit L1LPTGatewayUpdate(_l1LPTGatewayAddr);
    }

    /// @inheritdoc IBridgeMinter
    function migrateToNewMinter(address _newMinterAddr) external onlyControllerOwner {
        require(
            _newMinterAddr != address(this) && _newMinterAddr != address(0),
            "BridgeMinter#migrateToNewMinter: INVALID_MINTER"
        );
        address token = _livepeerToken();
        IOwnable(token).transferOwnership(_newMinterAddr);
        ILivepeerTokenL1(token).transfer(_newMinterAddr, ILivepeerTokenL1(token).balanceOf(address(this)));
        (bool ok,) = _newMinterAddr.call{value: address(this).balance}("");
        require(ok, "BridgeMinter#migrateToNewMinter: FAIL_CALL");
    }

    // L1Migrator

    /// @inheritdoc IBridgeMinter
    function withdrawETHToL1Migrator() external onlyL1Migrator returns (uint256) {
        uint256 balance = address(this).balance;
        (bool ok,) = l1MigratorAddr.call{value: balance}("");
        require(ok, "BridgeMinter#withdrawETHToL1Migrator: FAIL_CALL");
        return balance;
    }

    /// @inheritdoc IBridgeMinter
    function withdrawLPTToL1Migrator() external onlyL1Migrator returns (uint256) {
        ILivepeerTokenL1 token = ILivepeerTokenL1(_livepeerToken());
        uint256 balance = token.balanceOf(address(this));
        token.transfer(l1MigratorAddr, balance);
        return balance;
    }

    // L1LPTGateway

    /// @inheritdoc IBridgeMinter
    function bridgeMint(address _to, uint256 _amount) external onlyL1LPTGateway {
        ILivepeerTokenL1(_livepeerToken()).mint(_to, _amount);
    }

    // Anyone

    /// @inheritdoc IBridgeMinter
    function depositETH() external payable returns (bool) {
        return true;
    }

    /// @inheritdoc IBridgeMinter
    function getController() external view returns (IController) {
        return controller;
    }

    function _livepeerToken() private view returns (address) {
        return _contract(LIVEPEER_TOKEN);
    }
}
