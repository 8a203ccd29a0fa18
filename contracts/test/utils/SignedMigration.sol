// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {MigrationTest} from "./MigrationTest.sol";

/// @title Who may announce a migration: the rules that the three kinds share
/// @dev Of `alice`, to `erin`; a test says by what call and under what EIP-712 struct hash.
abstract contract SignedMigration is MigrationTest {
    function migration(address l2Addr, bytes memory sig) internal view virtual returns (bytes memory);

    function structHash(address l2Addr) internal view virtual returns (bytes32);

    function digest(address l2Addr) private view returns (bytes32) {
        bytes32 domain = keccak256(
            abi.encode(
                keccak256("EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)"),
                keccak256("Livepeer L1Migrator"),
                keccak256("1"),
                block.chainid,
                address(migrator1)
            )
        );
        return keccak256(abi.encodePacked(hex"1901", domain, structHash(l2Addr)));
    }

    function signAs(string memory name, address l2Addr) private view returns (bytes memory) {
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(keyOf(name), digest(l2Addr));
        return abi.encodePacked(r, s, v);
    }

    function sendAs(address who, bytes memory data) internal {
        uint256 before = bridge.messageCount();
        vm.prank(who);
        (bool ok,) = address(migrator1).call{value: MESSAGE_COST}(data);
        vm.assertTrue(ok, "the migration should be announced");
        vm.assertEq(bridge.messageCount(), before + 1);
    }

    function assertRefused(address who, bytes memory data, string memory reason) private {
        assertReverts(who, address(migrator1), data, reason);
    }

    function test_the_account_needs_no_signature() public {
        sendAs(alice, migration(erin, ""));
        sendAs(alice, migration(erin, hex"00"));
    }

    function test_anybody_may_bring_the_accounts_signature() public {
        sendAs(stranger, migration(erin, signAs("alice", erin)));
    }

    function test_the_short_form_of_a_signature_will_do() public {
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(keyOf("alice"), digest(erin));
        bytes32 vs = v == 28 ? s | bytes32(uint256(1) << 255) : s;
        sendAs(stranger, migration(erin, abi.encodePacked(r, vs)));
    }

    function test_the_signature_must_be_the_accounts_and_name_the_receiver() public {
        assertRefused(stranger, migration(erin, signAs("bob", erin)), "FAIL_AUTH");
        assertRefused(stranger, migration(stranger, signAs("alice", erin)), "FAIL_AUTH");
    }

    function test_the_signature_is_for_this_chain() public {
        bytes memory sig = signAs("alice", erin);
        vm.chainId(block.chainid + 1);
        assertRefused(stranger, migration(erin, sig), "FAIL_AUTH");
    }

    function test_malformed_signatures_are_named() public {
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(keyOf("alice"), digest(erin));
        assertRefused(stranger, migration(erin, ""), "ECDSA: invalid signature length");
        assertRefused(stranger, migration(erin, abi.encodePacked(r, s, v, uint8(0))), "ECDSA: invalid signature length");
        assertRefused(
            stranger, migration(erin, abi.encodePacked(r, s, uint8(26))), "ECDSA: invalid signature 'v' value"
        );
        bytes32 high = bytes32(0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141 - uint256(s));
        assertRefused(
            stranger, migration(erin, abi.encodePacked(r, high, uint8(26))), "ECDSA: invalid signature 's' value"
        );
        assertRefused(stranger, migration(erin, abi.encodePacked(bytes32(0), s, v)), "ECDSA: invalid signature");
    }

    function test_needs_a_receiver() public {
        assertRefused(alice, migration(address(0), ""), "INVALID_L2_ADDR");
    }
}
