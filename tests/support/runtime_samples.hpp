#pragma once

#include <string>
#include <vector>

#include "engine/runtime/effect.hpp"
#include "engine/runtime/event.hpp"
#include "engine/runtime/input.hpp"
#include "engine/wire/codec.hpp"

/// One input, effect and event of every kind, with every field in use: what the tests of traces,
/// hashes and recordings start from.
namespace mpreg::testing {

inline wire::Frame sample_frame(std::uint64_t sequence) {
  wire::Envelope envelope;
  envelope.id = MessageId{sequence};
  envelope.source = NodeId{1};
  envelope.source_cluster = ClusterId{9};
  envelope.priority = wire::Priority::high;
  return wire::encode(envelope, wire::SessionPing{sequence}, Bytes::copy_of("abc"));
}

/// The frame as it arrives at the other end.
inline Bytes sample_received(std::uint64_t sequence) {
  const wire::Frame frame = sample_frame(sequence);
  std::vector<std::byte> whole(frame.head.view().begin(), frame.head.view().end());
  whole.insert(whole.end(), frame.payload.view().begin(), frame.payload.view().end());
  return Bytes::take(std::move(whole));
}

inline wire::FunctionRecord sample_function() {
  return {"add", "math.add", "1.2.0", {"cpu", "gpu"}};
}

inline runtime::Outcome sample_outcome() {
  return {Errc::handler_failed, "boom", "add", NodeId{4}, "text/plain", Bytes::copy_of("why")};
}

inline std::vector<runtime::ClientRequest> sample_requests() {
  using namespace runtime;
  const auto advertise = [](wire::RecordKey key, wire::RecordBody body) {
    return AdvertiseRequest{false, std::move(key), std::move(body)};
  };
  return {
      CallRequest{{"add", "math.add", "^1", {"gpu"}, ClusterId{9}, NodeId{4}},
                  milliseconds(1500),
                  true,
                  "text/plain",
                  Bytes::copy_of("[1,2]")},
      CancelRequest{RequestId{5}},
      RegisterRequest{true, {sample_function(), {"mul", "mul", "2.0.0", {}}}},
      advertise({}, wire::NodeRecord{"n1", "c", {"tcp://h:1"}, {"rpc"}, {"gpu"}}),
      advertise({}, sample_function()),
      advertise({}, wire::SubscriptionRecord{"s1", {"a.*", "b.#"}}),
      advertise(
          {},
          wire::QueueRecord{"q", {"at_least_once"}, wire::QueueHealth::degraded, 3, {{"k", "v"}}}),
      advertise({}, wire::CacheRoleRecord{wire::CacheRole::replica}),
      advertise({}, wire::CacheProfileRecord{"eu", -33'868'800, 151'209'300, 1U << 30,
                                             Ratio{250'000}, milliseconds(2), Ratio{999'000}}),
      AdvertiseRequest{true, {wire::RecordKind::queue, "q"}, {}},
      DrainRequest{},
      LeaveRequest{wire::GoodbyeReason::maintenance},
      KvRequest{"kv", KvOp::cas, "k", Bytes::copy_of("1"), Bytes::copy_of("2"), 7, 3,
                milliseconds(900)},
  };
}

/// Every kind of input; a command of every kind.
inline std::vector<Input> sample_inputs() {
  wire::Tag tag{};
  tag.fill(std::byte{0xab});
  std::vector<Input> inputs = {
      input::Started{77, Incarnation{3}},
      input::LinkUp{LinkId{3}, DialId{8}, "127.0.0.1:4102"},
      input::LinkDown{LinkId{3}, "reset"},
      input::DialFailed{DialId{8}, "refused"},
      input::Received{LinkId{3}, sample_received(17)},
      input::Expired{{runtime::TimerKind::suspicion, 6}},
      input::Signed{SignId{9}, tag},
      input::Written{WriteId{10}, runtime::StorageStatus::full},
      input::Fetched{
          ReadId{11}, runtime::StorageStatus::corrupt, {{"k1", Bytes::copy_of("v1")}, {"k2", {}}}},
      input::Returned{InvokeId{12}, sample_outcome()},
  };
  for (runtime::ClientRequest& request : sample_requests())
    inputs.emplace_back(input::Command{RequestId{13}, std::move(request)});
  return inputs;
}

inline std::vector<Effect> sample_effects() {
  return {
      effect::Send{LinkId{3}, wire::Priority::high, sample_frame(17)},
      effect::Dial{DialId{8}, "127.0.0.1:4102"},
      effect::HangUp{LinkId{3}, "duplicate"},
      effect::Arm{{runtime::TimerKind::suspicion, 6}, Instant{1'500'000'000}},
      effect::Disarm{{runtime::TimerKind::suspicion, 6}},
      effect::Sign{SignId{9}, Bytes::copy_of("transcript")},
      effect::Commit{WriteId{10},
                     {{"k1", false, Bytes::copy_of("v1")}, {"k2", true, {}}},
                     runtime::Durability::lazy},
      effect::Fetch{ReadId{11}, "a", "b", 100},
      effect::Invoke{InvokeId{12}, sample_function(), seconds(2), "text/plain",
                     Bytes::copy_of("[1,2]")},
      effect::Recall{InvokeId{12}},
      effect::Reply{RequestId{13}, sample_outcome()},
      runtime::Note{runtime::NoteKind::member_dead, 6, 2, "silent"},
  };
}

inline std::vector<Event> sample_events() {
  const runtime::PeerIdentity peer{wire::PeerRole::node, NodeId{2},      "n2",
                                   ClusterId{9},         Incarnation{3}, {"tcp://h:1"}};
  return {
      event::PeerUp{LinkId{3}, peer, true},
      event::PeerDown{LinkId{3}, peer, "reset"},
      event::DialEnded{DialId{8}, Errc::wrong_key, NodeId{2}},
      event::LinkWanted{NodeId{2}},
      event::MemberChanged{NodeId{2}, Incarnation{3}, wire::MemberState::alive,
                           wire::MemberState::suspect, true, true},
      event::Superseded{Incarnation{4}},
      event::PeerUnwanted{NodeId{2}, "dead"},
      event::BuiltinsChanged{62},
      event::OfferChanged{sample_function(), true},
      event::OwnRecordsChanged{4, 7},
      event::RecordChanged{NodeId{2}, {wire::RecordKind::queue, "q"}, true},
      event::NameConflict{"add", NodeId{1}, NodeId{2}},
  };
}

}  // namespace mpreg::testing
