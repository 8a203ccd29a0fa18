// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @title Append-only ascending arrays with binary search
library SortedArrays {
    error DecreasingValues(uint256 newValue, uint256 lastValue);

    /// @dev Appends `value` unless it already is the last element; smaller values are refused.
    function pushSorted(uint256[] storage array, uint256 value) internal {
        uint256 length = array.length;
        if (length > 0) {
            uint256 last = array[length - 1];
            if (value == last) return;
            if (value < last) revert DecreasingValues(value, last);
        }
        array.push(value);
    }

    /// @dev Number of elements that are <= `value`: the index after the last of them, 0 if there is none.
    function countUpTo(uint256[] storage array, uint256 value) internal view returns (uint256 low) {
        uint256 high = array.length;
        // Lookups are mostly about the newest element, which then costs one read instead of a search.
        if (high > 0 && array[high - 1] <= value) return high;
        while (low < high) {
            uint256 middle = (low + high) / 2;
            if (array[middle] <= value) low = middle + 1;
            else high = middle;
        }
    }
}
