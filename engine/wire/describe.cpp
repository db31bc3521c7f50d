#include "engine/wire/describe.hpp"

#include <span>

#include "engine/base/text.hpp"

namespace mpreg::wire {
namespace {

constexpr std::size_t shown_text = 40;  ///< Bytes of a name shown.
constexpr std::size_t shown_items = 8;  ///< Updates and owners listed by name.

constexpr std::array<std::string_view, 6> kinds = {"control", "rpc",   "pubsub",
                                                   "queue",   "cache", "data"};
constexpr std::array<std::string_view, 5> deliveries = {"fire_and_forget", "at_least_once",
                                                        "exactly_once", "broadcast", "quorum"};
constexpr std::array<std::string_view, 5> priorities = {"critical", "high", "normal", "low",
                                                        "bulk"};
constexpr std::array<std::string_view, 2> roles = {"node", "client"};
constexpr std::array<std::string_view, 4> states = {"alive", "suspect", "dead", "left"};
constexpr std::array<std::string_view, 4> reasons = {"graceful_shutdown", "maintenance",
                                                     "cluster_rebalance", "manual_removal"};
constexpr std::array<std::string_view, record_kind_count> record_kinds = {
    "node", "function", "subscription", "queue", "cache_role", "cache_profile"};

template <class Enum>
std::string_view word_of(std::span<const std::string_view> words, Enum value) {
  const auto index = static_cast<std::size_t>(value);
  return index < words.size() ? words[index] : "unknown";
}

/// A line under construction: items separated by spaces.
class Line {
 public:
  Line& item(std::string_view text) {
    if (!text_.empty()) text_ += ' ';
    text_.append(text);
    return *this;
  }
  Line& item(NodeId node) { return item(describe(node)); }
  /// "key=value"
  Line& item(std::string_view key, std::string_view value) {
    return item(key).glue("=").glue(value);
  }
  Line& item(std::string_view key, std::uint64_t value) { return item(key, std::to_string(value)); }
  Line& glue(std::string_view text) {
    text_.append(text);
    return *this;
  }
  /// The word only when it holds.
  Line& flag(bool holds, std::string_view word) { return holds ? item(word) : *this; }
  [[nodiscard]] std::string take() { return std::move(text_); }

 private:
  std::string text_;
};

std::string name_text(std::string_view name) { return printable(name, shown_text); }

/// "7.2" : incarnation and refutation.
std::string life(Incarnation incarnation, std::uint32_t refutation) {
  return std::to_string(incarnation.value) + "." + std::to_string(refutation);
}

void add_updates(Line& line, const std::vector<MemberUpdate>& updates) {
  for (std::size_t i = 0; i < updates.size() && i < shown_items; ++i)
    line.item(updates[i].node)
        .glue(":")
        .glue(describe(updates[i].state))
        .glue("@")
        .glue(life(updates[i].incarnation, updates[i].refutation));
  if (updates.size() > shown_items) line.item("of").item(std::to_string(updates.size()));
}

/// "n7/42": the call's origin and number.
std::string call_name(NodeId origin, CallId call) {
  return describe(origin) + "/" + std::to_string(call.value);
}

// --- one body for each message
// --------------------------------------------------------------------

std::string body(const Hello& hello) {
  return Line()
      .item(describe(hello.role))
      .item(hello.node)
      .item("life", hello.incarnation.value)
      .item("cluster", describe(hello.cluster))
      .item("version", describe(ProtocolVersion{hello.major, hello.minor}))
      .flag(hello.has_key, "key")
      .take();
}
std::string body(const Proof& proof) {
  return hex(ByteView(proof.tag).first(4));  // enough to tell two proofs apart
}
std::string body(const Refusal& refusal) {
  return Line().item(describe(refusal.code)).item(printable(refusal.message)).take();
}
std::string body(const SessionPing& ping) { return std::to_string(ping.nonce); }
std::string body(const SessionPong& pong) { return std::to_string(pong.nonce); }

std::string body(const Ping& ping) {
  Line line;
  line.item("#").glue(std::to_string(ping.sequence));
  add_updates(line, ping.updates);
  return line.take();
}
std::string body(const Ack& ack) {
  Line line;
  line.item("#").glue(std::to_string(ack.sequence)).item(ack.subject);
  add_updates(line, ack.updates);
  return line.take();
}
std::string body(const PingRequest& request) {
  Line line;
  line.item("#").glue(std::to_string(request.sequence)).item(request.subject);
  add_updates(line, request.updates);
  return line.take();
}
std::string body(const Nack& nack) {
  return Line().item("#").glue(std::to_string(nack.sequence)).item(nack.subject).take();
}
std::string body(const MemberSync& sync) {
  Line line;
  line.item(describe(sync.from) + ".." + describe(sync.to)).flag(sync.is_request, "request");
  add_updates(line, sync.updates);
  return line.take();
}
std::string body(const Goodbye& goodbye) {
  return Line()
      .item(describe(goodbye.reason))
      .item("@")
      .glue(life(goodbye.incarnation, goodbye.refutation))
      .take();
}

std::string body(const GossipSummary& summary) {
  return Line().item(hex(summary.catalog_hash)).item("owners", summary.owners).take();
}
std::string body(const GossipDigest& digest) {
  return Line()
      .item(describe(digest.from) + ".." + describe(digest.to))
      .item("entries", digest.entries.size())
      .flag(digest.wants_digest, "wants_digest")
      .take();
}
std::string body(const CatalogDelta& delta) {
  Line line;
  for (std::size_t i = 0; i < delta.owners.size() && i < shown_items; ++i) {
    const OwnerDelta& owner = delta.owners[i];
    line.item(owner.owner)
        .glue("@" + std::to_string(owner.since) + ".." + std::to_string(owner.upto))
        .glue("+" + std::to_string(owner.records.size()))
        .glue("-" + std::to_string(owner.tombstones.size()))
        .glue(owner.is_reset ? "!" : "");
  }
  if (delta.owners.size() > shown_items) line.item("of").item(std::to_string(delta.owners.size()));
  return line.flag(delta.is_push, "push").flag(delta.has_more, "more").take();
}

std::string body(const RpcCall& call) {
  Line line;
  line.item(call_name(call.origin, call.call)).item(name_text(call.selector.name));
  if (!call.selector.constraint.empty()) line.item(name_text(call.selector.constraint));
  if (call.attempt != 0) line.item("attempt", call.attempt);
  return line.take();
}
std::string body(const RpcAnswer& answer) {
  Line line;
  line.item(call_name(answer.origin, answer.call)).item(describe(answer.code));
  if (answer.code != Errc::ok && !answer.message.empty()) line.item(printable(answer.message));
  return line.item("by").item(answer.node).take();
}
std::string body(const RpcCancel& cancel) { return call_name(cancel.origin, cancel.call); }
std::string body(const RpcRegister& request) {
  Line line;
  line.item("#").glue(std::to_string(request.request)).flag(request.is_removal, "remove");
  for (std::size_t i = 0; i < request.functions.size() && i < shown_items; ++i) {
    const FunctionRecord& function = request.functions[i];
    line.item(name_text(function.name)).glue("@").glue(name_text(function.version));
  }
  if (request.functions.size() > shown_items)
    line.item("of").item(std::to_string(request.functions.size()));
  return line.take();
}
std::string body(const RpcRegistered& answer) {
  Line line;
  line.item("#").glue(std::to_string(answer.request)).item(describe(answer.code));
  if (!answer.message.empty()) line.item(printable(answer.message));
  return line.take();
}

/// "g5 t7": the group and the term.
std::string place(GroupId group, std::uint64_t term) {
  return describe(group) + " t" + std::to_string(term);
}
/// "12:3": an index and the term of its entry.
std::string spot(std::uint64_t index, std::uint64_t term) {
  return std::to_string(index) + ":" + std::to_string(term);
}

std::string body(const RaftVote& vote) {
  return Line()
      .item(place(vote.group, vote.term))
      .item("last", spot(vote.last_index, vote.last_term))
      .flag(vote.is_pre_vote, "pre")
      .take();
}
std::string body(const RaftVoted& answer) {
  return Line()
      .item(place(answer.group, answer.term))
      .item(answer.is_granted ? "yes" : "no")
      .flag(answer.is_pre_vote, "pre")
      .take();
}
std::string body(const RaftAppend& append) {
  return Line()
      .item(place(append.group, append.term))
      .item("after", spot(append.prev_index, append.prev_term))
      .item("entries", append.entries.size())
      .item("commit", append.commit)
      .item("round", append.round)
      .take();
}
std::string body(const RaftAppended& answer) {
  Line line;
  line.item(place(answer.group, answer.term));
  if (answer.is_accepted)
    line.item("upto", answer.index);
  else
    line.item("refused", answer.prev_index).item("try", spot(answer.index, answer.conflict_term));
  return line.item("round", answer.round).take();
}
std::string body(const RaftChunk& chunk) {
  return Line()
      .item(place(chunk.group, chunk.term))
      .item("of", spot(chunk.index, chunk.index_term))
      .item("piece", std::to_string(chunk.number) + "/" + std::to_string(chunk.count))
      .item("bytes", chunk.data.size())
      .take();
}
std::string body(const RaftChunked& answer) {
  return Line()
      .item(place(answer.group, answer.term))
      .item("of", answer.index)
      .item("next", answer.next)
      .take();
}

}  // namespace

std::string_view name_of(const Message& message) { return message_names[message.index()]; }

std::string describe(const Message& message) {
  std::string text(name_of(message));
  text += '{';
  text += std::visit([](const auto& alternative) { return body(alternative); }, message);
  text += '}';
  return text;
}

std::string describe(const Envelope& envelope) {
  Line line;
  line.item(describe(envelope.kind)).item(envelope.source);
  if (!envelope.target.is_none()) line.glue("->").glue(describe(envelope.target));
  line.item("#").glue(std::to_string(envelope.id.value));
  if (envelope.correlation != 0) line.item("re", envelope.correlation);
  if (envelope.priority != Priority::normal) line.item(describe(envelope.priority));
  if (envelope.delivery != Delivery::fire_and_forget) line.item(describe(envelope.delivery));
  if (!envelope.target_cluster.is_none() && envelope.target_cluster != envelope.source_cluster)
    line.item("to", describe(envelope.target_cluster));
  if (!envelope.topic.empty()) line.item("topic", name_text(envelope.topic));
  if (envelope.hop_budget != 0) line.item("hops", envelope.hop_budget);
  if (envelope.deadline != Duration::zero()) line.item("within", describe(envelope.deadline));
  for (const NodeId node : envelope.routing_path) line.item("via", describe(node));
  for (const ClusterId cluster : envelope.federation_path) line.item("over", describe(cluster));
  return line.take();
}

std::string describe(ProtocolVersion version) {
  return std::to_string(version.major) + "." + std::to_string(version.minor);
}

std::string_view describe(Kind kind) { return word_of(kinds, kind); }
std::string_view describe(Delivery delivery) { return word_of(deliveries, delivery); }
std::string_view describe(Priority priority) { return word_of(priorities, priority); }
std::string_view describe(PeerRole role) { return word_of(roles, role); }
std::string_view describe(MemberState state) { return word_of(states, state); }
std::string_view describe(GoodbyeReason reason) { return word_of(reasons, reason); }
std::string_view describe(RecordKind kind) { return word_of(record_kinds, kind); }

}  // namespace mpreg::wire
