// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {GenesisClaims} from "./GenesisClaims.sol";
import {IGenesis} from "./IGenesis.sol";
import {IMintableToken} from "./IMintableToken.sol";
import {TokenVesting} from "./TokenVesting.sol";

/// @title Genesis
contract Genesis is IGenesis {
    /// @inheritdoc IGenesis
    address public immutable override owner;
    /// @inheritdoc IGenesis
    IMintableToken public immutable override token;
    /// @inheritdoc IGenesis
    address public immutable override tokenOwner;
    /// @inheritdoc IGenesis
    mapping(Part => uint256) public override remaining;
    /// @inheritdoc IGenesis
    bool public override finished;

    modifier onlyOwner() {
        if (msg.sender != owner) revert NotOwner(msg.sender);
        if (finished) revert AlreadyFinished();
        _;
    }

    /// @param _token Token that is owned by nobody else when the first part is given out
    /// @param _tokenOwner Who owns the token afterwards, e.g. its minter
    /// @param _supply Tokens of each part, in the order of the parts
    constructor(address _token, address _tokenOwner, uint256[5] memory _supply) {
        owner = msg.sender;
        token = IMintableToken(_token);
        tokenOwner = _tokenOwner;
        for (uint256 i = 0; i < _supply.length; i++) {
            remaining[Part(i)] = _supply[i];
        }
    }

    /// @inheritdoc IGenesis
    function openClaims(bytes32 root) external onlyOwner returns (address claims) {
        uint256 amount = remaining[Part.Crowd];
        claims = address(new GenesisClaims(address(token), root));
        _mint(Part.Crowd, claims, amount);
        emit ClaimsOpened(claims, root, amount);
    }

    /// @inheritdoc IGenesis
    function grant(Part part, address account, uint256 amount) external onlyOwner {
        if (part != Part.Company && part != Part.Community) revert WrongPart(part);
        _mint(part, account, amount);
        emit Granted(part, account, amount);
    }

    /// @inheritdoc IGenesis
    function grantVesting(
        Part part,
        address beneficiary,
        uint256 amount,
        uint64 start,
        uint64 cliffSeconds,
        uint64 durationSeconds
    ) external onlyOwner returns (address vesting) {
        if (part != Part.Team && part != Part.Investors) revert WrongPart(part);
        vesting = address(new TokenVesting(beneficiary, start, cliffSeconds, durationSeconds));
        _mint(part, vesting, amount);
        emit VestingGranted(part, beneficiary, vesting, amount);
    }

    /// @inheritdoc IGenesis
    function finish() external onlyOwner {
        for (uint256 i = 0; i <= uint256(type(Part).max); i++) {
            uint256 left = remaining[Part(i)];
            if (left > 0) revert PartNotGivenOut(Part(i), left);
        }
        finished = true;
        emit Finished(tokenOwner);
        token.transferOwnership(tokenOwner);
    }

    /// @dev A part that is empty cannot be given out again, so the claims open once.
    function _mint(Part part, address to, uint256 amount) private {
        uint256 left = remaining[part];
        if (amount == 0 || amount > left) revert ExceedsPart(part, amount, left);
        remaining[part] = left - amount;
        token.mint(to, amount);
    }
}
