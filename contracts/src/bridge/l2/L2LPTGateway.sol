// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {LivepeerToken} from "../../token/LivepeerToken.sol";
import {ControlledGateway} from "../ControlledGateway.sol";
import {IL1LPTGateway} from "../l1/IL1LPTGateway.sol";
import {IBridgedSupply} from "./IBridgedSupply.sol";
import {IL2LPTGateway} from "./IL2LPTGateway.sol";
import {L2ArbitrumMessenger} from "./L2ArbitrumMessenger.sol";

/// @title L2LPTGateway
/// @dev Needs the token's minter and burner roles.
contract L2LPTGateway is ControlledGateway, L2ArbitrumMessenger, IL2LPTGateway {
    /// @inheritdoc IL2LPTGateway
    address public immutable override l2Router;
    /// @inheritdoc IL2LPTGateway
    address public immutable override l2LPTDataCache;
    /// @inheritdoc IL2LPTGateway
    address public override l1Counterpart;

    /// @param _l2Router Arbitrum's router on layer 2
    /// @param _l1Lpt LPT on layer 1
    /// @param _l2Lpt LPT on layer 2
    /// @param _l2LPTDataCache Counts what came from layer 1
    constructor(address _l2Router, address _l1Lpt, address _l2Lpt, address _l2LPTDataCache)
        ControlledGateway(_l1Lpt, _l2Lpt)
    {
        l2Router = _l2Router;
        l2LPTDataCache = _l2LPTDataCache;
    }

    // Administrator

    /// @inheritdoc IL2LPTGateway
    function setCounterpart(address _l1Counterpart) external onlyRole(DEFAULT_ADMIN_ROLE) {
        l1Counterpart = _l1Counterpart;
        emit L1CounterpartUpdate(_l1Counterpart);
    }

    // Holders and the router

    /// @inheritdoc IL2LPTGateway
    function outboundTransfer(address _l1Token, address _to, uint256 _amount, bytes calldata _data)
        external
        returns (bytes memory)
    {
        return outboundTransfer(_l1Token, _to, _amount, 0, 0, _data);
    }

    /// @inheritdoc IL2LPTGateway
    function outboundTransfer(address _l1Token, address _to, uint256 _amount, uint256, uint256, bytes calldata _data)
        public
        whenNotPaused
        returns (bytes memory)
    {
        require(_l1Token == l1Lpt, "TOKEN_NOT_LPT");
        require(_amount > 0, "INVALID_ZERO_AMOUNT");
        (address from, bytes memory extra) = _unwrapRouted(l2Router, _data);
        require(extra.length == 0, "CALL_HOOK_DATA_NOT_ALLOWED");

        LivepeerToken(l2Lpt).burnFrom(from, _amount);
        IBridgedSupply(l2LPTDataCache).decreaseL2SupplyFromL1(_amount);
        uint256 id = _sendTxToL1(from, l1Counterpart, getOutboundCalldata(_l1Token, from, _to, _amount, extra));
        emit WithdrawalInitiated(_l1Token, from, _to, id, 0, _amount);
        return abi.encode(id);
    }

    // The layer 1 gateway

    /// @inheritdoc IL2LPTGateway
    /// @dev Works while paused: the tokens are in the escrow already.
    function finalizeInboundTransfer(address _l1Token, address _from, address _to, uint256 _amount, bytes calldata)
        external
        onlyL1Counterpart(l1Counterpart)
    {
        require(_l1Token == l1Lpt, "TOKEN_NOT_LPT");
        LivepeerToken(l2Lpt).mint(_to, _amount);
        IBridgedSupply(l2LPTDataCache).increaseL2SupplyFromL1(_amount);
        emit DepositFinalized(_l1Token, _from, _to, _amount);
    }

    // Anyone

    /// @inheritdoc IL2LPTGateway
    function counterpartGateway() external view returns (address) {
        return l1Counterpart;
    }

    /// @inheritdoc IL2LPTGateway
    function calculateL2TokenAddress(address l1Token) external view returns (address) {
        return _l2TokenOf(l1Token);
    }

    /// @inheritdoc IL2LPTGateway
    /// @dev There are no fast exits that would have to be told apart, hence the exit number 0.
    function getOutboundCalldata(address token, address from, address to, uint256 amount, bytes memory data)
        public
        pure
        returns (bytes memory outboundCalldata)
    {
        bytes memory exit = abi.encode(uint256(0), data);
        return abi.encodeCall(IL1LPTGateway.finalizeInboundTransfer, (token, from, to, amount, exit));
    }
}
