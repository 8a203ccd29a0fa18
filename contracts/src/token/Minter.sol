// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IBondingManager} from "../bonding/IBondingManager.sol";
import {IController} from "../controller/IController.sol";
import {Manager} from "../controller/Manager.sol";
import {MathUtilsV2} from "../math/MathUtilsV2.sol";
import {IL2LPTDataCache} from "./IL2LPTDataCache.sol";
import {ILivepeerToken} from "./ILivepeerToken.sol";
import {IMinter} from "./IMinter.sol";

/// @title Minter
contract Minter is Manager, IMinter {
    bytes32 private constant MINTER = keccak256("Minter");
    bytes32 private constant LIVEPEER_TOKEN = keccak256("LivepeerToken");
    bytes32 private constant BONDING_MANAGER = keccak256("BondingManager");
    bytes32 private constant JOBS_MANAGER = keccak256("JobsManager");
    bytes32 private constant ROUNDS_MANAGER = keccak256("RoundsManager");
    bytes32 private constant L2_LPT_DATA_CACHE = keccak256("L2LPTDataCache");

    /// @inheritdoc IMinter
    uint256 public override inflation;
    /// @inheritdoc IMinter
    uint256 public override inflationChange;
    /// @inheritdoc IMinter
    uint256 public override targetBondingRate;
    /// @inheritdoc IMinter
    uint256 public override currentMintableTokens;
    /// @inheritdoc IMinter
    uint256 public override currentMintedTokens;

    modifier onlyBondingManager() {
        require(msg.sender == _contract(BONDING_MANAGER), "msg.sender not BondingManager");
        _;
    }

    modifier onlyRoundsManager() {
        require(msg.sender == _contract(ROUNDS_MANAGER), "msg.sender not RoundsManager");
        _;
    }

    modifier onlyBondingManagerOrJobsManager() {
        require(
            msg.sender == _contract(BONDING_MANAGER) || msg.sender == _contract(JOBS_MANAGER),
            "msg.sender not BondingManager or JobsManager"
        );
        _;
    }

    modifier onlyMinterOrJobsManager() {
        require(
            msg.sender == _contract(MINTER) || msg.sender == _contract(JOBS_MANAGER),
            "msg.sender not Minter or JobsManager"
        );
        _;
    }

    /// @param _controller Controller that registers this Minter
    /// @param _inflation Issuance per round to start with, in billionths of the supply
    /// @param _inflationChange Step per round, in billionths
    /// @param _targetBondingRate Bonding rate to steer towards, in billionths
    constructor(address _controller, uint256 _inflation, uint256 _inflationChange, uint256 _targetBondingRate)
        Manager(_controller)
    {
        require(MathUtilsV2.validPerc(_inflation), "_inflation is invalid percentage");
        require(MathUtilsV2.validPerc(_inflationChange), "_inflationChange is invalid percentage");
        require(MathUtilsV2.validPerc(_targetBondingRate), "_targetBondingRate is invalid percentage");
        inflation = _inflation;
        inflationChange = _inflationChange;
        targetBondingRate = _targetBondingRate;
    }

    // Controller owner

    /// @inheritdoc IMinter
    function setTargetBondingRate(uint256 _targetBondingRate) external onlyControllerOwner {
        require(MathUtilsV2.validPerc(_targetBondingRate), "_targetBondingRate is invalid percentage");
        targetBondingRate = _targetBondingRate;
        emit ParameterUpdate("targetBondingRate");
    }

    /// @inheritdoc IMinter
    function setInflationChange(uint256 _inflationChange) external onlyControllerOwner {
        require(MathUtilsV2.validPerc(_inflationChange), "_inflationChange is invalid percentage");
        inflationChange = _inflationChange;
        emit ParameterUpdate("inflationChange");
    }

    /// @inheritdoc IMinter
    function migrateToNewMinter(IMinter _newMinter) external onlyControllerOwner {
        require(address(_newMinter) != address(this), "new Minter cannot be current Minter");
        require(address(_newMinter) != address(0), "new Minter cannot be null address");

        IController newController = _newMinter.getController();
        require(address(newController) == address(controller), "new Minter Controller must be current Controller");
        // Funds move before the registry does: only the registered Minter may deposit ETH with the new one.
        require(newController.getContract(MINTER) == address(this), "new Minter must be registered");

        ILivepeerToken token = _livepeerToken();
        token.transfer(address(_newMinter), token.balanceOf(address(this)));
        _newMinter.depositETH{value: address(this).balance}();
    }

    // Protocol contracts

    /// @inheritdoc IMinter
    function createReward(uint256 _fracNum, uint256 _fracDenom)
        external
        onlyBondingManager
        whenSystemNotPaused
        returns (uint256)
    {
        uint256 amount = MathUtilsV2.percOf(currentMintableTokens, _fracNum, _fracDenom);
        uint256 minted = currentMintedTokens + amount;
        require(minted <= currentMintableTokens, "minted tokens cannot exceed mintable tokens");
        currentMintedTokens = minted;
        _livepeerToken().mint(address(this), amount);
        return amount;
    }

    /// @inheritdoc IMinter
    function trustedTransferTokens(address _to, uint256 _amount) external onlyBondingManager whenSystemNotPaused {
        _livepeerToken().transfer(_to, _amount);
    }

    /// @inheritdoc IMinter
    function trustedBurnTokens(uint256 _amount) external onlyBondingManager whenSystemNotPaused {
        _livepeerToken().burn(_amount);
    }

    /// @inheritdoc IMinter
    function trustedWithdrawETH(address payable _to, uint256 _amount)
        external
        onlyBondingManagerOrJobsManager
        whenSystemNotPaused
    {
        // The stipend alone: the recipient must not be able to call back into the protocol.
        _to.transfer(_amount);
    }

    /// @inheritdoc IMinter
    function depositETH() external payable onlyMinterOrJobsManager returns (bool) {
        return true;
    }

    /// @inheritdoc IMinter
    function setCurrentRewardTokens() external onlyRoundsManager whenSystemNotPaused {
        uint256 supply = getGlobalTotalSupply();
        uint256 newInflation = _nextInflation(supply);
        uint256 mintable = MathUtilsV2.percOf(supply, newInflation);
        inflation = newInflation;
        currentMintableTokens = mintable;
        currentMintedTokens = 0;
        emit SetCurrentRewardTokens(mintable, newInflation);
    }

    // Anyone

    /// @inheritdoc IMinter
    function getController() external view returns (IController) {
        return controller;
    }

    /// @inheritdoc IMinter
    function getGlobalTotalSupply() public view returns (uint256) {
        return _livepeerToken().totalSupply() + IL2LPTDataCache(_contract(L2_LPT_DATA_CACHE)).l1CirculatingSupply();
    }

    function _nextInflation(uint256 supply) private view returns (uint256) {
        // The BondingManager has already been told about the new round, so this is the new round's stake.
        uint256 bonded = IBondingManager(_contract(BONDING_MANAGER)).getTotalBonded();
        uint256 rate = supply > 0 ? MathUtilsV2.percPoints(bonded, supply) : 0;
        uint256 change = inflationChange;
        if (rate < targetBondingRate) return inflation + change;
        if (rate > targetBondingRate) return change > inflation ? 0 : inflation - change;
        return inflation;
    }

    function _livepeerToken() private view returns (ILivepeerToken) {
        return ILivepeerToken(_contract(LIVEPEER_TOKEN));
    }
}
