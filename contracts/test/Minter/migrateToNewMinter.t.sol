// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IMinter} from "../../src/token/IMinter.sol";
import {ProtocolTest} from "../utils/ProtocolTest.sol";

contract Minter_migrateToNewMinter_Test is ProtocolTest {
    IMinter private newMinter;

    function setUp() public override {
        super.setUp();
        newMinter = IMinter(vm.deployCode("Minter.sol:Minter", abi.encode(controller, 1, 1, 1)));
        bondAs(alice, LPT, alice);
        fundSender(1 ether, 0);
    }

    function test_moves_all_money_even_while_paused() public {
        controller.pause();
        minter.migrateToNewMinter(newMinter);
        vm.assertEq(token.balanceOf(address(newMinter)), LPT);
        vm.assertEq(address(newMinter).balance, 1 ether);
        vm.assertEq(token.balanceOf(address(minter)), 0);
        vm.assertEq(address(minter).balance, 0);
    }

    function test_refuses_what_is_no_new_minter() public {
        bytes memory self = abi.encodeCall(minter.migrateToNewMinter, (minter));
        assertReverts(owner, address(minter), self, "new Minter cannot be current Minter");
        bytes memory nobody = abi.encodeCall(minter.migrateToNewMinter, (IMinter(address(0))));
        assertReverts(owner, address(minter), nobody, "new Minter cannot be null address");
    }

    function test_refuses_a_minter_of_another_controller() public {
        address other = vm.deployCode("Minter.sol:Minter", abi.encode(stranger, 1, 1, 1));
        bytes memory data = abi.encodeCall(minter.migrateToNewMinter, (IMinter(other)));
        assertReverts(owner, address(minter), data, "new Minter Controller must be current Controller");
    }

    function test_moves_before_the_registry_does() public {
        register("Minter", address(newMinter));
        bytes memory data = abi.encodeCall(minter.migrateToNewMinter, (newMinter));
        assertReverts(owner, address(minter), data, "new Minter must be registered");
    }

    function test_is_reserved_to_the_owner() public {
        assertNeedsOwner(address(minter), abi.encodeCall(minter.migrateToNewMinter, (newMinter)));
    }
}
