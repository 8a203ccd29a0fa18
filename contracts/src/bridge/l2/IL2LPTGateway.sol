// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @title Layer 2 end of the LPT bridge
/// @notice Mints what was deposited on layer 1 and burns what goes back.
interface IL2LPTGateway {
    /// @notice A deposit arrived from layer 1.
    event DepositFinalized(address indexed _l1Token, address indexed _from, address indexed _to, uint256 _amount);

    /// @notice A withdrawal is on its way to layer 1.
    event WithdrawalInitiated(
        address _l1Token,
        address indexed _from,
        address indexed _to,
        uint256 indexed _l2ToL1Id,
        uint256 _exitNum,
        uint256 _amount
    );

    /// @notice The layer 1 gateway is now another one.
    event L1CounterpartUpdate(address _l1Counterpart);

    /// @notice Sets the layer 1 gateway. Administrator only.
    function setCounterpart(address _l1Counterpart) external;

    /// @notice Withdraws LPT to `_to` on layer 1. The holder must have approved this contract.
    /// @param _l1Token LPT on layer 1
    /// @param _data Empty; by the router abi.encode(address from, bytes "")
    /// @return The message's id, ABI encoded
    function outboundTransfer(address _l1Token, address _to, uint256 _amount, bytes calldata _data)
        external
        returns (bytes memory);

    /// @notice The same in the form that routers use; the gas numbers mean nothing in this direction.
    function outboundTransfer(address _l1Token, address _to, uint256 _amount, uint256, uint256, bytes calldata _data)
        external
        returns (bytes memory);

    /// @notice Mints a deposit. Only by a message of the layer 1 gateway.
    function finalizeInboundTransfer(address _l1Token, address _from, address _to, uint256 _amount, bytes calldata)
        external;

    /// @notice Call data of the message for layer 1.
    function getOutboundCalldata(address token, address from, address to, uint256 amount, bytes memory data)
        external
        pure
        returns (bytes memory outboundCalldata);

    /// @notice LPT on layer 2 for LPT on layer 1, zero for every other token.
    function calculateL2TokenAddress(address l1Token) external view returns (address);

    /// @notice The layer 1 gateway, under the name that routers ask for.
    function counterpartGateway() external view returns (address);

    /// @notice The layer 1 gateway.
    function l1Counterpart() external view returns (address);

    /// @notice Counts what came from layer 1.
    function l2LPTDataCache() external view returns (address);

    /// @notice Arbitrum's router, which transfers on behalf of its callers.
    function l2Router() external view returns (address);
}
