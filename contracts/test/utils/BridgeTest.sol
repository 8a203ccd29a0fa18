// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IBridge} from "../../src/bridge/arbitrum/IBridge.sol";
import {IInbox} from "../../src/bridge/arbitrum/IInbox.sol";
import {BridgeMinter} from "../../src/bridge/l1/BridgeMinter.sol";
import {L1Escrow} from "../../src/bridge/l1/L1Escrow.sol";
import {L1LPTDataCache} from "../../src/bridge/l1/L1LPTDataCache.sol";
import {L1LPTGateway} from "../../src/bridge/l1/L1LPTGateway.sol";
import {L2LPTDataCache} from "../../src/bridge/l2/L2LPTDataCache.sol";
import {L2LPTGateway} from "../../src/bridge/l2/L2LPTGateway.sol";
import {IController} from "../../src/controller/IController.sol";
import {IOutboxStandIn} from "../../src/dev/IOutboxStandIn.sol";
import {LivepeerTokenL1} from "../../src/token/LivepeerTokenL1.sol";
import {ProtocolTest} from "./ProtocolTest.sol";
import {Strings} from "@openzeppelin/contracts/utils/Strings.sol";

/// @title A network with both ends of the bridge on one chain, owned by the test
/// @dev alice and bob have 1000 LPT on layer 1; the escrow is empty; the challenge period is 100 seconds.
abstract contract BridgeTest is ProtocolTest {
    uint256 internal constant MAX_GAS = 300_000;
    uint256 internal constant GAS_PRICE = 7;
    uint256 internal constant SUBMISSION_COST = 1 gwei;
    uint256 internal constant MESSAGE_COST = SUBMISSION_COST + MAX_GAS * GAS_PRICE;
    uint256 internal constant CHALLENGE_PERIOD = 100;

    IBridge internal bridge;
    IInbox internal inbox;
    IOutboxStandIn internal outbox;
    IController internal l1Controller;
    LivepeerTokenL1 internal l1Token;
    L1Escrow internal escrow;
    L1LPTGateway internal l1Gateway;
    L1LPTDataCache internal l1Cache;
    BridgeMinter internal bridgeMinter;
    L2LPTGateway internal l2Gateway;
    L2LPTDataCache internal l2Cache;

    address internal l1Router = account("l1Router");
    address internal l2Router = account("l2Router");
    address internal l1Migrator = account("l1Migrator");
    address internal poster = account("poster");

    function setUp() public virtual override {
        super.setUp();
        vm.etch(address(0x64), vm.getDeployedCode("ArbSysStandIn.sol:ArbSysStandIn"));
        bridge = IBridge(vm.deployCode("BridgeStandIn.sol:BridgeStandIn", ""));
        inbox = IInbox(vm.deployCode("InboxStandIn.sol:InboxStandIn", abi.encode(bridge)));
        outbox = IOutboxStandIn(
            vm.deployCode("OutboxStandIn.sol:OutboxStandIn", abi.encode(bridge, poster, CHALLENGE_PERIOD))
        );
        bridge.setInbox(address(inbox), true);
        bridge.setOutbox(address(outbox), true);

        l1Controller = IController(vm.deployCode("Controller.sol:Controller", ""));
        l1Token = new LivepeerTokenL1();
        l1Controller.setContractInfo(keccak256("LivepeerToken"), address(l1Token), bytes20(0));
        escrow = new L1Escrow();
        l1Gateway = new L1LPTGateway(l1Router, address(escrow), address(l1Token), address(token), address(inbox));
        bridgeMinter = new BridgeMinter(address(l1Controller), l1Migrator, address(l1Gateway));
        l2Cache = new L2LPTDataCache();
        l2Gateway = new L2LPTGateway(l2Router, address(l1Token), address(token), address(l2Cache));
        l1Cache = new L1LPTDataCache(address(inbox), address(l1Token), address(l2Cache));

        l1Token.mint(alice, 1000 * LPT);
        l1Token.mint(bob, 1000 * LPT);
        l1Token.transferOwnership(address(bridgeMinter));
        escrow.approve(address(l1Token), address(l1Gateway), NEVER);
        l1Gateway.setCounterpart(address(l2Gateway));
        l1Gateway.setMinter(address(bridgeMinter));
        l1Gateway.unpause();
        l2Gateway.setCounterpart(address(l1Gateway));
        l2Gateway.unpause();
        l2Cache.setL1LPTDataCache(address(l1Cache));
        l2Cache.setL2LPTGateway(address(l2Gateway));
        token.grantRole(MINTER_ROLE, address(l2Gateway));
        token.grantRole(BURNER_ROLE, address(l2Gateway));
        register("L2LPTDataCache", address(l2Cache));
    }

    function aliasOf(address l1Sender) internal pure returns (address) {
        unchecked {
            return address(uint160(l1Sender) + uint160(0x1111000000000000000000000000000000001111));
        }
    }

    /// @dev `who` deposits `amount`, which does not arrive by itself.
    function depositAs(address who, uint256 amount) internal {
        vm.prank(who);
        l1Token.approve(address(l1Gateway), amount);
        vm.prank(who);
        l1Gateway.outboundTransfer{value: MESSAGE_COST}(
            address(l1Token), who, amount, MAX_GAS, GAS_PRICE, abi.encode(SUBMISSION_COST, bytes(""))
        );
    }

    /// @dev Carries a message from `l2Sender` out on layer 1, after its challenge period.
    function executeFromLayer2(address l2Sender, address to, bytes memory data) internal {
        (uint256 index, bytes memory call) = postFromLayer2(l2Sender, to, data);
        index;
        (bool ok, bytes memory result) = address(outbox).call(call);
        if (!ok) {
            assembly {
                revert(add(result, 32), mload(result))
            }
        }
    }

    /// @dev Posts a message and waits for the end of its challenge period; returns the call that carries it out.
    function postFromLayer2(address l2Sender, address to, bytes memory data)
        internal
        returns (uint256 index, bytes memory call)
    {
        index = outbox.postedCount();
        bytes32 item = outbox.calculateItemHash(l2Sender, to, 5, 6, 7, 0, data);
        vm.prank(poster);
        outbox.post(index, item);
        vm.warp(block.timestamp + CHALLENGE_PERIOD);
        call = abi.encodeCall(outbox.executeTransaction, (new bytes32[](0), index, l2Sender, to, 5, 6, 7, 0, data));
    }

    function assertNeedsAdministrator(address target, bytes memory data) internal {
        assertReverts(stranger, target, data, missingRole(stranger, bytes32(0)));
    }

    function missingRole(address who, bytes32 role) internal pure returns (string memory) {
        return string.concat(
            "AccessControl: account ",
            Strings.toHexString(who),
            " is missing role ",
            Strings.toHexString(uint256(role), 32)
        );
    }

    /// @dev Requires the call to fail without saying why.
    function assertRevertsSilently(address who, address target, bytes memory data) internal {
        assertRevertsWith(who, target, data, "");
    }
}
