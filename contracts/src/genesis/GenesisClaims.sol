// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {MerkleProof} from "@openzeppelin/contracts/utils/cryptography/MerkleProof.sol";
import {IGenesisClaims} from "./IGenesisClaims.sol";

/// @title GenesisClaims
contract GenesisClaims is IGenesisClaims {
    using SafeERC20 for IERC20;

    /// @inheritdoc IGenesisClaims
    address public immutable override token;
    /// @inheritdoc IGenesisClaims
    bytes32 public immutable override root;
    /// @inheritdoc IGenesisClaims
    mapping(address => bool) public override hasClaimed;

    constructor(address _token, bytes32 _root) {
        token = _token;
        root = _root;
    }

    /// @inheritdoc IGenesisClaims
    function claim(address account, uint256 amount, bytes32[] calldata proof) external {
        if (hasClaimed[account]) revert AlreadyClaimed(account);
        // Hashed twice, so that no inner node of the tree, which is made of two hashes, can pass for a leaf.
        bytes32 leaf = keccak256(bytes.concat(keccak256(abi.encode(account, amount))));
        if (!MerkleProof.verifyCalldata(proof, root, leaf)) revert NotInTree(account, amount);
        hasClaimed[account] = true;
        emit Claimed(account, amount);
        IERC20(token).safeTransfer(account, amount);
    }
}
