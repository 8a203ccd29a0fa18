// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @title Layer 1 end of the LPT bridge
/// @notice Deposits go into the escrow and are minted on layer 2; withdrawals are paid from the escrow.
interface IL1LPTGateway {
    /// @notice A deposit is on its way to layer 2.
    event DepositInitiated(
        address _l1Token, address indexed _from, address indexed _to, uint256 indexed _sequenceNumber, uint256 _amount
    );

    /// @notice A withdrawal from layer 2 was paid.
    event WithdrawalFinalized(
        address _l1Token, address indexed _from, address indexed _to, uint256 indexed _exitNum, uint256 _amount
    );

    /// @notice The layer 2 gateway is now another one.
    event L2CounterpartUpdate(address _l2Counterpart);

    /// @notice What the escrow lacks is now minted by another contract.
    event MinterUpdate(address _minter);

    /// @notice Sets the layer 2 gateway. Administrator only.
    function setCounterpart(address _l2Counterpart) external;

    /// @notice Sets the contract that mints what the escrow lacks. Administrator only.
    function setMinter(address _minter) external;

    /// @notice Deposits LPT for `_to` on layer 2. The caller must have approved this contract, and pays for the message.
    /// @param _l1Token LPT on layer 1
    /// @param _maxGas Gas of the call on layer 2
    /// @param _gasPriceBid Wei per gas on layer 2
    /// @param _data abi.encode(uint256 maxSubmissionCost, bytes ""), by the router abi.encode(address from, bytes) of it
    /// @return The message's number, ABI encoded
    function outboundTransfer(
        address _l1Token,
        address _to,
        uint256 _amount,
        uint256 _maxGas,
        uint256 _gasPriceBid,
        bytes calldata _data
    ) external payable returns (bytes memory);

    /// @notice Pays a withdrawal. Only through Arbitrum's bridge, by a message of the layer 2 gateway.
    /// @param data abi.encode(uint256 exitNum, bytes)
    function finalizeInboundTransfer(address l1Token, address from, address to, uint256 amount, bytes calldata data)
        external;

    /// @notice Call data of the message for layer 2.
    function getOutboundCalldata(address l1Token, address from, address to, uint256 amount, bytes memory data)
        external
        pure
        returns (bytes memory outboundCalldata);

    /// @notice LPT on layer 2 for LPT on layer 1, zero for every other token.
    function calculateL2TokenAddress(address l1Token) external view returns (address);

    /// @notice The layer 2 gateway, under the name that routers ask for.
    function counterpartGateway() external view returns (address);

    /// @notice The layer 2 gateway.
    function l2Counterpart() external view returns (address);

    /// @notice Mints what the escrow lacks.
    function minter() external view returns (address);

    /// @notice Keeps deposited tokens.
    function l1LPTEscrow() external view returns (address);

    /// @notice Arbitrum's router, which transfers on behalf of its callers.
    function l1Router() external view returns (address);
}
