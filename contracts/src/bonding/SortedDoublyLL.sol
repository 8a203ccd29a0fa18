// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @title A list of addresses in descending order of their keys
/// @notice Callers may hint where an element belongs; a wrong hint costs gas, never correctness.
library SortedDoublyLL {
    struct Node {
        uint256 key;
        address nextId;
        address prevId;
    }

    /// @dev `head` has the largest key. Keys of members are never zero, so a zero key means "not in the list".
    struct Data {
        address head;
        address tail;
        uint256 maxSize;
        uint256 size;
        mapping(address => Node) nodes;
    }

    /// @dev The list can only grow: shrinking it would mean choosing whom to throw out.
    function setMaxSize(Data storage self, uint256 size) internal {
        require(size > self.maxSize, "new max size must be greater than old max size");
        self.maxSize = size;
    }

    function insert(Data storage self, address id, uint256 key, address prevId, address nextId) internal {
        require(!isFull(self), "list is full");
        require(!contains(self, id), "node already in list");
        require(id != address(0), "node id is null");
        require(key > 0, "key is zero");

        if (!validInsertPosition(self, key, prevId, nextId)) {
            (prevId, nextId) = _findInsertPosition(self, key, prevId, nextId);
        }

        Node storage node = self.nodes[id];
        node.key = key;
        _link(self, prevId, id);
        _link(self, id, nextId);
        self.size++;
    }

    function remove(Data storage self, address id) internal {
        require(contains(self, id), "node not in list");
        Node storage node = self.nodes[id];
        _link(self, node.prevId, node.nextId);
        delete self.nodes[id];
        self.size--;
    }

    /// @dev Moves `id` to where `newKey` belongs; a zero key removes it.
    function updateKey(Data storage self, address id, uint256 newKey, address prevId, address nextId) internal {
        require(contains(self, id), "node not in list");
        Node storage node = self.nodes[id];
        if (newKey > 0 && _fitsStrictly(self, node, newKey)) {
            // No other place is possible, whatever the hint says, so the links can stay.
            node.key = newKey;
            return;
        }
        remove(self, id);
        if (newKey > 0) insert(self, id, newKey, prevId, nextId);
    }

    function contains(Data storage self, address id) internal view returns (bool) {
        return self.nodes[id].key > 0;
    }

    function isFull(Data storage self) internal view returns (bool) {
        return self.size == self.maxSize;
    }

    /// @dev Whether `key` may stand between the neighbours `prevId` and `nextId` (zero: end of the list).
    function validInsertPosition(Data storage self, uint256 key, address prevId, address nextId)
        internal
        view
        returns (bool)
    {
        if (prevId == address(0) && nextId == address(0)) return self.size == 0;
        if (prevId == address(0)) return self.head == nextId && key >= self.nodes[nextId].key;
        if (nextId == address(0)) return self.tail == prevId && key <= self.nodes[prevId].key;
        Node storage prev = self.nodes[prevId];
        return prev.nextId == nextId && prev.key >= key && key >= self.nodes[nextId].key;
    }

    /// @dev Walks from the usable part of the hint: towards the tail if `prevId` is usable or nothing is,
    ///      towards the head if only `nextId` is. Equal keys make the direction observable.
    function _findInsertPosition(Data storage self, uint256 key, address prevId, address nextId)
        private
        view
        returns (address, address)
    {
        uint256 prevKey = self.nodes[prevId].key;
        if (prevKey > 0 && key <= prevKey) return _descend(self, key, prevId);
        uint256 nextKey = self.nodes[nextId].key;
        if (nextKey > 0 && key >= nextKey) return _ascend(self, key, nextId);
        return _descend(self, key, self.head);
    }

    function _descend(Data storage self, uint256 key, address start) private view returns (address prev, address next) {
        if (start == self.head && key >= self.nodes[start].key) return (address(0), start);
        prev = start;
        next = self.nodes[prev].nextId;
        while (next != address(0) && self.nodes[next].key > key) {
            prev = next;
            next = self.nodes[next].nextId;
        }
    }

    function _ascend(Data storage self, uint256 key, address start) private view returns (address prev, address next) {
        if (start == self.tail && key <= self.nodes[start].key) return (start, address(0));
        next = start;
        prev = self.nodes[next].prevId;
        while (prev != address(0) && self.nodes[prev].key < key) {
            next = prev;
            prev = self.nodes[prev].prevId;
        }
    }

    function _fitsStrictly(Data storage self, Node storage node, uint256 key) private view returns (bool) {
        address prevId = node.prevId;
        if (prevId != address(0) && self.nodes[prevId].key <= key) return false;
        // The end of the list has key zero, which is below every key.
        return key > self.nodes[node.nextId].key;
    }

    /// @dev Makes `prevId` and `nextId` neighbours; zero stands for the end of the list.
    function _link(Data storage self, address prevId, address nextId) private {
        if (prevId == address(0)) self.head = nextId;
        else self.nodes[prevId].nextId = nextId;
        if (nextId == address(0)) self.tail = prevId;
        else self.nodes[nextId].prevId = prevId;
    }
}
