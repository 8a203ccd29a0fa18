// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ProtocolTest} from "../utils/ProtocolTest.sol";

contract LivepeerToken_permit_Test is ProtocolTest {
    bytes32 private constant PERMIT =
        keccak256("Permit(address owner,address spender,uint256 value,uint256 nonce,uint256 deadline)");

    function test_a_signature_approves_once() public {
        bytes32 structHash = keccak256(abi.encode(PERMIT, alice, dave, 7, 0, NEVER));
        bytes32 digest = keccak256(abi.encodePacked("\x19\x01", token.DOMAIN_SEPARATOR(), structHash));
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(keyOf("alice"), digest);
        token.permit(alice, dave, 7, NEVER, v, r, s);
        vm.assertEq(token.allowance(alice, dave), 7);
        vm.assertEq(token.nonces(alice), 1);
        bytes memory data = abi.encodeCall(token.permit, (alice, dave, 7, NEVER, v, r, s));
        assertReverts(stranger, address(token), data, "ERC20Permit: invalid signature");
    }

    function test_the_domain_is_that_of_the_token() public view {
        (, string memory name, string memory version, uint256 chainId, address verifying,,) = token.eip712Domain();
        vm.assertEq(name, "Livepeer Token");
        vm.assertEq(version, "1");
        vm.assertEq(chainId, block.chainid);
        vm.assertEq(verifying, address(token));
    }
}
