// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {SortedDoublyLL} from "../../src/bonding/SortedDoublyLL.sol";
import {Test} from "../utils/Test.sol";

/// @title The list by itself, with few different keys so that equal ones are frequent
contract SortedDoublyLL_order_Test is Test {
    using SortedDoublyLL for SortedDoublyLL.Data;

    uint256 private constant MEMBERS = 7;

    SortedDoublyLL.Data private list;
    SortedDoublyLL.Data private twin;

    function setUp() public {
        list.setMaxSize(5);
        twin.setMaxSize(5);
    }

    // The protocol's rule is remove and insert again; leaving the links alone must not be seen from outside.
    function testFuzz_updating_a_key_equals_removing_and_inserting_again(uint256[16] calldata seeds) public {
        for (uint256 i = 0; i < seeds.length; i++) {
            uint256 seed = seeds[i];
            address id = member(seed);
            uint256 key = 1 + (seed >> 8) % 6;
            (address prev, address next) = (hint(seed >> 16), hint(seed >> 24));
            if (!list.contains(id)) {
                if (list.isFull()) continue;
                list.insert(id, key, prev, next);
                twin.insert(id, key, prev, next);
            } else if ((seed >> 32) % 5 == 0) {
                list.updateKey(id, 0, prev, next);
                twin.remove(id);
            } else {
                list.updateKey(id, key, prev, next);
                twin.remove(id);
                twin.insert(id, key, prev, next);
            }
            assertSame();
            assertOrdered();
        }
    }

    function test_without_a_hint_a_new_element_stands_before_its_equals() public {
        list.insert(address(1), 5, address(0), address(0));
        list.insert(address(2), 5, address(0), address(0));
        list.insert(address(3), 3, address(0), address(0));
        list.insert(address(4), 3, address(0), address(0));
        vm.assertEq(list.head, address(2));
        vm.assertEq(list.nodes[address(1)].nextId, address(4));
        vm.assertEq(list.tail, address(3));
    }

    function test_a_hint_decides_between_equals() public {
        list.insert(address(1), 5, address(0), address(0));
        list.insert(address(2), 5, address(1), address(0));
        vm.assertEq(list.tail, address(2));
        list.insert(address(3), 5, address(1), address(2));
        vm.assertEq(list.nodes[address(1)].nextId, address(3));
    }

    function test_refuses_what_would_break_the_list() public {
        list.insert(address(1), 5, address(0), address(0));
        vm.assertEq(failure(abi.encodeCall(this.insert, (address(1), 5))), "node already in list");
        vm.assertEq(failure(abi.encodeCall(this.insert, (address(0), 5))), "node id is null");
        vm.assertEq(failure(abi.encodeCall(this.insert, (address(2), 0))), "key is zero");
        vm.assertEq(failure(abi.encodeCall(this.remove, (address(2)))), "node not in list");
        vm.assertEq(failure(abi.encodeCall(this.update, (address(2), 1))), "node not in list");
        for (uint160 i = 2; i <= 5; i++) {
            list.insert(address(i), 5, address(0), address(0));
        }
        vm.assertEq(failure(abi.encodeCall(this.insert, (address(6), 5))), "list is full");
    }

    function insert(address id, uint256 key) external {
        list.insert(id, key, address(0), address(0));
    }

    function remove(address id) external {
        list.remove(id);
    }

    function update(address id, uint256 key) external {
        list.updateKey(id, key, address(0), address(0));
    }

    function failure(bytes memory data) private returns (string memory) {
        (bool ok, bytes memory result) = address(this).call(data);
        vm.assertFalse(ok);
        assembly ("memory-safe") {
            // Past the selector of Error(string).
            mstore(add(result, 4), sub(mload(result), 4))
            result := add(result, 4)
        }
        return abi.decode(result, (string));
    }

    function assertSame() private view {
        vm.assertEq(list.size, twin.size);
        vm.assertEq(list.head, twin.head, "heads");
        vm.assertEq(list.tail, twin.tail, "tails");
        for (uint256 i = 0; i < MEMBERS; i++) {
            SortedDoublyLL.Node storage a = list.nodes[member(i)];
            SortedDoublyLL.Node storage b = twin.nodes[member(i)];
            vm.assertEq(a.key, b.key);
            vm.assertEq(a.nextId, b.nextId, "next");
            vm.assertEq(a.prevId, b.prevId, "previous");
        }
    }

    function assertOrdered() private view {
        uint256 count;
        address previous = address(0);
        for (address id = list.head; id != address(0); id = list.nodes[id].nextId) {
            vm.assertEq(list.nodes[id].prevId, previous, "links");
            if (previous != address(0)) vm.assertGe(list.nodes[previous].key, list.nodes[id].key, "order");
            previous = id;
            count++;
        }
        vm.assertEq(list.tail, previous, "tail");
        vm.assertEq(count, list.size);
    }

    function member(uint256 seed) private pure returns (address) {
        return address(uint160(1 + seed % MEMBERS));
    }

    /// @dev A member, nobody, or somebody who is not in the list.
    function hint(uint256 seed) private pure returns (address) {
        return address(uint160(seed % (MEMBERS + 2)));
    }
}
