// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {Ownable} from "../controller/Ownable.sol";
import {ILivepeerTokenFaucet} from "./ILivepeerTokenFaucet.sol";

/// @title LivepeerTokenFaucet
contract LivepeerTokenFaucet is Ownable, ILivepeerTokenFaucet {
    /// @inheritdoc ILivepeerTokenFaucet
    IERC20 public override token;
    /// @inheritdoc ILivepeerTokenFaucet
    uint256 public override requestAmount;
    /// @inheritdoc ILivepeerTokenFaucet
    uint256 public override requestWait;
    /// @inheritdoc ILivepeerTokenFaucet
    mapping(address => uint256) public override nextValidRequest;
    /// @inheritdoc ILivepeerTokenFaucet
    mapping(address => bool) public override isWhitelisted;

    /// @param _token Token to hand out; this contract must be given a stock of it
    /// @param _requestAmount Tokens per request
    /// @param _requestWait Hours between two requests of one account
    constructor(address _token, uint256 _requestAmount, uint256 _requestWait) {
        token = IERC20(_token);
        requestAmount = _requestAmount;
        requestWait = _requestWait;
    }

    /// @inheritdoc ILivepeerTokenFaucet
    function request() external {
        if (!isWhitelisted[msg.sender]) {
            require(block.timestamp >= nextValidRequest[msg.sender]);
            nextValidRequest[msg.sender] = block.timestamp + requestWait * 1 hours;
        }
        token.transfer(msg.sender, requestAmount);
        emit Request(msg.sender, requestAmount);
    }

    /// @inheritdoc ILivepeerTokenFaucet
    function addToWhitelist(address _addr) external onlyOwner {
        isWhitelisted[_addr] = true;
    }

    /// @inheritdoc ILivepeerTokenFaucet
    function removeFromWhitelist(address _addr) external onlyOwner {
        isWhitelisted[_addr] = false;
    }
}
