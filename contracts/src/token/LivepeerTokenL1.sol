// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Ownable} from "../controller/Ownable.sol";
import {ILivepeerTokenL1} from "./ILivepeerTokenL1.sol";

/// @title LivepeerTokenL1
/// @notice LPT in its layer 1 form. The BridgeMinter owns it, so that withdrawals beyond the escrow can be minted.
contract LivepeerTokenL1 is Ownable, ILivepeerTokenL1 {
    /// @inheritdoc ILivepeerTokenL1
    string public constant override name = "Livepeer Token";
    /// @inheritdoc ILivepeerTokenL1
    string public constant override symbol = "LPT";
    /// @inheritdoc ILivepeerTokenL1
    string public constant override version = "0.1";
    /// @inheritdoc ILivepeerTokenL1
    uint8 public constant override decimals = 18;

    /// @inheritdoc ILivepeerTokenL1
    mapping(address => uint256) public override balanceOf;
    mapping(address => mapping(address => uint256)) private allowances;
    /// @inheritdoc ILivepeerTokenL1
    uint256 public override totalSupply;
    /// @inheritdoc ILivepeerTokenL1
    bool public override mintingFinished;

    modifier canMint() {
        require(!mintingFinished);
        _;
    }

    // Holders

    /// @inheritdoc ILivepeerTokenL1
    function transfer(address to, uint256 value) external returns (bool) {
        _transfer(msg.sender, to, value);
        return true;
    }

    /// @inheritdoc ILivepeerTokenL1
    function approve(address spender, uint256 value) external returns (bool) {
        _approve(msg.sender, spender, value);
        return true;
    }

    /// @inheritdoc ILivepeerTokenL1
    /// @dev Even an allowance of everything is used up, and each use of it is announced.
    function transferFrom(address from, address to, uint256 value) external returns (bool) {
        uint256 allowed = allowances[from][msg.sender];
        require(value <= allowed);
        _transfer(from, to, value);
        _approve(from, msg.sender, allowed - value);
        return true;
    }

    /// @inheritdoc ILivepeerTokenL1
    function increaseAllowance(address spender, uint256 addedValue) external returns (bool) {
        uint256 allowed = allowances[msg.sender][spender];
        require(addedValue <= type(uint256).max - allowed);
        _approve(msg.sender, spender, allowed + addedValue);
        return true;
    }

    /// @inheritdoc ILivepeerTokenL1
    function decreaseAllowance(address spender, uint256 subtractedValue) external returns (bool) {
        uint256 allowed = allowances[msg.sender][spender];
        require(subtractedValue <= allowed);
        _approve(msg.sender, spender, allowed - subtractedValue);
        return true;
    }

    /// @inheritdoc ILivepeerTokenL1
    function burn(uint256 _amount) external {
        uint256 balance = balanceOf[msg.sender];
        require(_amount <= balance);
        unchecked {
            balanceOf[msg.sender] = balance - _amount;
            totalSupply -= _amount;
        }
        emit Transfer(msg.sender, address(0), _amount);
        emit Burn(msg.sender, _amount);
    }

    // Owner

    /// @inheritdoc ILivepeerTokenL1
    function mint(address _to, uint256 _amount) external onlyOwner canMint returns (bool) {
        require(_to != address(0));
        require(_amount <= type(uint256).max - totalSupply);
        unchecked {
            totalSupply += _amount;
            balanceOf[_to] += _amount;
        }
        emit Transfer(address(0), _to, _amount);
        emit Mint(_to, _amount);
        return true;
    }

    /// @inheritdoc ILivepeerTokenL1
    function finishMinting() external onlyOwner canMint returns (bool) {
        mintingFinished = true;
        emit MintFinished();
        return true;
    }

    // Anyone

    /// @inheritdoc ILivepeerTokenL1
    function allowance(address owner, address spender) external view returns (uint256) {
        return allowances[owner][spender];
    }

    function _transfer(address from, address to, uint256 value) private {
        uint256 balance = balanceOf[from];
        require(to != address(0));
        require(value <= balance);
        unchecked {
            balanceOf[from] = balance - value;
            balanceOf[to] += value;
        }
        emit Transfer(from, to, value);
    }

    function _approve(address holder, address spender, uint256 value) private {
        require(spender != address(0));
        allowances[holder][spender] = value;
        emit Approval(holder, spender, value);
    }
}
