// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ERC20} from "@openzeppelin/contracts/token/ERC20/ERC20.sol";
import {Ownable} from "../../src/controller/Ownable.sol";

/// @title A token whose owner mints, as that of layer 1
contract OwnedToken is Ownable, ERC20 {
    constructor() ERC20("Livepeer Token", "LPT") {}

    function mint(address to, uint256 amount) external onlyOwner returns (bool) {
        _mint(to, amount);
        return true;
    }
}
