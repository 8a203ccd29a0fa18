// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ManagerProxyTarget} from "../../src/controller/ManagerProxyTarget.sol";
import {ProtocolTest} from "../utils/ProtocolTest.sol";

contract ManagerProxy_targetContractId_Test is ProtocolTest {
    function test_names_the_code_that_runs() public view {
        vm.assertEq(ManagerProxyTarget(address(broker)).targetContractId(), keccak256("TicketBrokerTarget"));
        address target = controller.getContract(keccak256("TicketBrokerTarget"));
        vm.assertEq(ManagerProxyTarget(target).targetContractId(), bytes32(0));
    }
}
