// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {ControlledGateway} from "../ControlledGateway.sol";
import {IL2LPTGateway} from "../l2/IL2LPTGateway.sol";
import {IBridgeMinter} from "./IBridgeMinter.sol";
import {IL1LPTGateway} from "./IL1LPTGateway.sol";
import {L1ArbitrumMessenger} from "./L1ArbitrumMessenger.sol";

/// @title L1LPTGateway
contract L1LPTGateway is ControlledGateway, L1ArbitrumMessenger, IL1LPTGateway {
    /// @inheritdoc IL1LPTGateway
    address public immutable override l1Router;
    /// @inheritdoc IL1LPTGateway
    address public immutable override l1LPTEscrow;
    /// @inheritdoc IL1LPTGateway
    address public override l2Counterpart;
    /// @inheritdoc IL1LPTGateway
    address public override minter;

    /// @param _l1Router Arbitrum's router on layer 1
    /// @param _l1LPTEscrow Keeps deposited tokens and must let this contract move them
    /// @param _l1Lpt LPT on layer 1
    /// @param _l2Lpt LPT on layer 2
    /// @param _inbox Arbitrum's inbox
    constructor(address _l1Router, address _l1LPTEscrow, address _l1Lpt, address _l2Lpt, address _inbox)
        ControlledGateway(_l1Lpt, _l2Lpt)
        L1ArbitrumMessenger(_inbox)
    {
        l1Router = _l1Router;
        l1LPTEscrow = _l1LPTEscrow;
    }

    // Administrator

    /// @inheritdoc IL1LPTGateway
    function setCounterpart(address _l2Counterpart) external onlyRole(DEFAULT_ADMIN_ROLE) {
        l2Counterpart = _l2Counterpart;
        emit L2CounterpartUpdate(_l2Counterpart);
    }

    /// @inheritdoc IL1LPTGateway
    function setMinter(address _minter) external onlyRole(DEFAULT_ADMIN_ROLE) {
        minter = _minter;
        emit MinterUpdate(_minter);
    }

    // Holders and the router

    /// @inheritdoc IL1LPTGateway
    function outboundTransfer(
        address _l1Token,
        address _to,
        uint256 _amount,
        uint256 _maxGas,
        uint256 _gasPriceBid,
        bytes calldata _data
    ) external payable whenNotPaused returns (bytes memory) {
        require(_l1Token == l1Lpt, "TOKEN_NOT_LPT");
        require(_amount > 0, "INVALID_ZERO_AMOUNT");

        (address from, uint256 maxSubmissionCost) = _parse(_data);
        _requirePaid(maxSubmissionCost, _maxGas, _gasPriceBid);

        IERC20(_l1Token).transferFrom(from, l1LPTEscrow, _amount);
        bytes memory message = getOutboundCalldata(_l1Token, from, _to, _amount, "");
        uint256 seqNum = _sendTxToL2(l2Counterpart, from, maxSubmissionCost, _maxGas, _gasPriceBid, message);
        emit DepositInitiated(_l1Token, from, _to, seqNum, _amount);
        return abi.encode(seqNum);
    }

    // The layer 2 gateway

    /// @inheritdoc IL1LPTGateway
    /// @dev Works while paused: the tokens are burned on layer 2 already.
    function finalizeInboundTransfer(address l1Token, address from, address to, uint256 amount, bytes calldata data)
        external
        onlyL2Counterpart(l2Counterpart)
    {
        require(l1Token == l1Lpt, "TOKEN_NOT_LPT");
        (uint256 exitNum,) = abi.decode(data, (uint256, bytes));

        // Rewards are minted on layer 2, so that more may come back than was ever deposited.
        uint256 escrowed = IERC20(l1Token).balanceOf(l1LPTEscrow);
        uint256 paid = amount <= escrowed ? amount : escrowed;
        if (paid > 0 || amount == 0) IERC20(l1Token).transferFrom(l1LPTEscrow, to, paid);
        if (amount > paid) IBridgeMinter(minter).bridgeMint(to, amount - paid);
        emit WithdrawalFinalized(l1Token, from, to, exitNum, amount);
    }

    // Anyone

    /// @inheritdoc IL1LPTGateway
    function counterpartGateway() external view returns (address) {
        return l2Counterpart;
    }

    /// @inheritdoc IL1LPTGateway
    function calculateL2TokenAddress(address l1Token) external view returns (address) {
        return _l2TokenOf(l1Token);
    }

    /// @inheritdoc IL1LPTGateway
    function getOutboundCalldata(address l1Token, address from, address to, uint256 amount, bytes memory data)
        public
        pure
        returns (bytes memory outboundCalldata)
    {
        return abi.encodeCall(
            IL2LPTGateway.finalizeInboundTransfer, (l1Token, from, to, amount, abi.encode(bytes(""), data))
        );
    }

    function _parse(bytes calldata data) private view returns (address from, uint256 maxSubmissionCost) {
        bytes memory own;
        (from, own) = _unwrapRouted(l1Router, data);
        bytes memory extra;
        (maxSubmissionCost, extra) = abi.decode(own, (uint256, bytes));
        require(extra.length == 0, "CALL_HOOK_DATA_NOT_ALLOWED");
    }

    function _requirePaid(uint256 maxSubmissionCost, uint256 maxGas, uint256 gasPriceBid) private view {
        uint256 cost = maxSubmissionCost + maxGas * gasPriceBid;
        require(maxSubmissionCost > 0, "NO_SUBMISSION_COST");
        require(msg.value == cost, "WRONG_ETH_VALUE");
    }
}
