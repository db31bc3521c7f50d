#pragma once

#include <string>
#include <vector>

#include "engine/wire/envelope.hpp"
#include "engine/wire/message.hpp"

/// One message of every kind with every field in use, and an envelope to go with it: what the codec
/// tests, the fuzz targets and the benchmark start from.
namespace mpreg::testing {

inline wire::Envelope sample_envelope() {
  return {
      .id = MessageId{7},
      .kind = wire::Kind::rpc,
      .delivery = wire::Delivery::at_least_once,
      .priority = wire::Priority::high,
      .correlation = 42,
      .source_cluster = ClusterId{11},
      .target_cluster = ClusterId{12},
      .source = NodeId{1},
      .target = NodeId{3},
      .hop_budget = 4,
      .deadline = milliseconds(1500),
      .trace = {.trace_high = 0x0123456789abcdef, .trace_low = 0xfedcba9876543210, .span = 5},
      .topic = "orders.created",
      .routing_path = {NodeId{1}, NodeId{2}},
      .federation_path = {ClusterId{11}},
  };
}

inline wire::Tag sample_tag(int first) {
  wire::Tag tag{};
  for (std::size_t i = 0; i < tag.size(); ++i)
    tag[i] = static_cast<std::byte>(static_cast<std::size_t>(first) + i);
  return tag;
}

inline std::vector<wire::MemberUpdate> sample_updates() {
  return {
      {.node = NodeId{2},
       .incarnation = Incarnation{9},
       .refutation = 1,
       .state = wire::MemberState::suspect,
       .reporter = NodeId{5},
       .reason = wire::GoodbyeReason::graceful_shutdown,
       .cluster = ClusterId{11},
       .name = "beta",
       .addresses = {"tcp://127.0.0.1:4102", "unix:///run/beta"}},
      {.node = NodeId{4},
       .incarnation = Incarnation{3},
       .refutation = 0,
       .state = wire::MemberState::left,
       .reporter = NodeId{},
       .reason = wire::GoodbyeReason::maintenance,
       .cluster = ClusterId{11},
       .name = "delta",
       .addresses = {}},
  };
}

inline wire::FunctionRecord sample_function() {
  return {.name = "add",
          .function_id = "math.add",
          .version = "1.2.3-rc.1",
          .resources = {"cpu", "gpu"}};
}

inline std::vector<wire::Record> sample_records() {
  using wire::RecordKind;
  return {
      {.key = {RecordKind::node, ""},
       .version = 1,
       .body = wire::NodeRecord{.name = "alpha",
                                .cluster_name = "main",
                                .addresses = {"tcp://127.0.0.1:4101"},
                                .capabilities = {"cache", "queue", "rpc"},
                                .resources = {"gpu"},
                                .builtins = 0x3e}},
      {.key = {RecordKind::function, "math.add@1.2.3-rc.1"},
       .version = 2,
       .body = sample_function()},
      {.key = {RecordKind::subscription, "s1"},
       .version = 3,
       .body = wire::SubscriptionRecord{.id = "s1", .patterns = {"orders.*", "audit.#"}}},
      {.key = {RecordKind::queue, "jobs"},
       .version = 4,
       .body = wire::QueueRecord{.name = "jobs",
                                 .guarantees = {"at_least_once"},
                                 .health = wire::QueueHealth::degraded,
                                 .subscribers = 3,
                                 .metadata = {{"owner", "ops"}, {"tier", "2"}}}},
      {.key = {RecordKind::cache_role, "replica"},
       .version = 5,
       .body = wire::CacheRoleRecord{.role = wire::CacheRole::replica}},
      {.key = {RecordKind::cache_profile, ""},
       .version = 6,
       .body = wire::CacheProfileRecord{.region = "eu-west",
                                        .latitude_microdegrees = 52'520'000,
                                        .longitude_microdegrees = -13'405'000,
                                        .capacity_bytes = 1ULL << 40,
                                        .utilization = Ratio::percent(70),
                                        .latency = microseconds(350),
                                        .reliability = Ratio::percent(99)}},
  };
}

inline wire::RpcCall sample_call() {
  return {.call = CallId{42},
          .origin = NodeId{7},
          .origin_incarnation = Incarnation{2},
          .attempt = 1,
          .is_idempotent = true,
          .selector = {.name = "add",
                       .function_id = "math.add",
                       .constraint = "^1.2",
                       .resources = {"gpu"},
                       .cluster = ClusterId{11},
                       .node = NodeId{3}},
          .content_type = "application/json"};
}

inline wire::RaftChunk sample_chunk() {
  return {.group = GroupId{21},
          .term = 7,
          .index = 40,
          .index_term = 6,
          .count = 5,
          .checksum = 0x0123456789abcdef,
          .number = 2,
          .data = Bytes::copy_of("piece")};
}

inline wire::RaftAppend sample_append() {
  return {.group = GroupId{21},
          .term = 7,
          .prev_index = 40,
          .prev_term = 6,
          .commit = 38,
          .round = 3,
          .entries = {{.term = 6, .command = Bytes::copy_of("put a 1")},
                      {.term = 7, .command = {}},
                      {.term = 7, .command = Bytes::copy_of("cas a 1 2, of odd size")}}};
}

/// One of each, in the order of the variant.
inline std::vector<wire::Message> sample_messages() {
  const auto updates = sample_updates();
  return {
      wire::Hello{.major = 1,
                  .minor = 0,
                  .role = wire::PeerRole::client,
                  .has_key = true,
                  .cluster = ClusterId{11},
                  .cluster_name = "main",
                  .node = NodeId{1},
                  .name = "alpha",
                  .incarnation = Incarnation{5},
                  .challenge = sample_tag(1),
                  .addresses = {"tcp://127.0.0.1:4101"}},
      wire::Proof{.tag = sample_tag(100)},
      wire::Refusal{.code = Errc::wrong_cluster, .message = "this is cluster main"},
      wire::SessionPing{.nonce = 8},
      wire::SessionPong{.nonce = 8},
      wire::Ping{.sequence = 12, .members_hash = 99, .updates = updates},
      wire::Ack{.sequence = 12, .subject = NodeId{2}, .members_hash = 98, .updates = updates},
      wire::PingRequest{.sequence = 13, .subject = NodeId{2}, .updates = updates},
      wire::Nack{.sequence = 13, .subject = NodeId{2}},
      wire::MemberSync{.members_hash = 97,
                       .is_request = true,
                       .from = NodeId{1},
                       .to = NodeId{90},
                       .updates = updates},
      wire::Goodbye{.reason = wire::GoodbyeReason::cluster_rebalance,
                    .incarnation = Incarnation{5},
                    .refutation = 2},
      wire::GossipSummary{.catalog_hash = 0xabcdef, .owners = 50},
      wire::GossipDigest{
          .from = NodeId{1},
          .to = NodeId{90},
          .wants_digest = true,
          .entries = {{NodeId{1}, Incarnation{5}, 17}, {NodeId{2}, Incarnation{9}, 4}}},
      wire::CatalogDelta{
          .owners = {{.owner = NodeId{1},
                      .cluster = ClusterId{11},
                      .incarnation = Incarnation{5},
                      .since = 1,
                      .upto = 17,
                      .floor = 2,
                      .basis = 17,
                      .is_reset = false,
                      .lease_remaining = seconds(30),
                      .records = sample_records(),
                      .tombstones = {{.key = {wire::RecordKind::queue, "old"}, .version = 16}}}},
          .is_push = true,
          .has_more = true},
      sample_call(),
      wire::RpcAnswer{.call = CallId{42},
                      .origin = NodeId{7},
                      .origin_incarnation = Incarnation{2},
                      .attempt = 1,
                      .code = Errc::handler_failed,
                      .is_retryable = true,
                      .message = "division by zero",
                      .function = "divide",
                      .node = NodeId{3},
                      .load = 6,
                      .content_type = "text/plain"},
      wire::RpcCancel{
          .call = CallId{42}, .origin = NodeId{7}, .origin_incarnation = Incarnation{2}},
      wire::RpcRegister{.request = 4, .is_removal = true, .functions = {sample_function()}},
      wire::RpcRegistered{.request = 4, .code = Errc::conflict, .message = "add is taken"},
      wire::RaftVote{
          .group = GroupId{21}, .term = 7, .last_index = 40, .last_term = 6, .is_pre_vote = true},
      wire::RaftVoted{.group = GroupId{21}, .term = 7, .is_pre_vote = true, .is_granted = true},
      sample_append(),
      wire::RaftAppended{.group = GroupId{21},
                         .term = 7,
                         .index = 39,
                         .prev_index = 40,
                         .conflict_term = 5,
                         .round = 3,
                         .is_accepted = true},
      sample_chunk(),
      wire::RaftChunked{.group = GroupId{21}, .term = 7, .index = 40, .next = 3},
  };
}

}  // namespace mpreg::testing
