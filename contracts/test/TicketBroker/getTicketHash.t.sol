// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ITicketBroker} from "../../src/tickets/ITicketBroker.sol";
import {ProtocolTest} from "../utils/ProtocolTest.sol";

contract TicketBroker_getTicketHash_Test is ProtocolTest {
    function testFuzz_hashes_all_fields_packed(ITicketBroker.Ticket memory ticket) public view {
        bytes memory head = abi.encodePacked(ticket.recipient, ticket.sender, ticket.faceValue, ticket.winProb);
        bytes memory tail = abi.encodePacked(ticket.senderNonce, ticket.recipientRandHash, ticket.auxData);
        vm.assertEq(broker.getTicketHash(ticket), keccak256(bytes.concat(head, tail)));
    }
}
