#include <cstddef>
#include <limits>
#include <map>
#include <string>
#include <utility>

#include "engine/base/limits.hpp"
#include "engine/membership/membership.hpp"

/// Comparing whole tables, when the hash on an Ack says that they differ.
///
/// The asker sends its table; the other merges it and answers with what the asker lacks, and with
/// nothing else. Rumors usually arrive first, so a difference must have lasted for a while, except
/// on a new link.
namespace mpreg::membership {
namespace {

/// Bytes of one chunk, far below limits::frame_head_bytes_max.
constexpr std::size_t chunk_bytes_max = 256U << 10;

std::size_t size_of(const MemberUpdate& update) {
  std::size_t bytes = 96 + update.name.size();
  for (const std::string_view address : update.addresses) bytes += 16 + address.size();
  return bytes;
}

/// Cuts updates, ascending by id, into messages that cover [from, to] without a gap.
class Chunks {
 public:
  Chunks(Turn& turn, LinkId link, wire::MemberSync head, NodeId last)
      : turn_(turn), link_(link), chunk_(std::move(head)), last_(last) {}

  void add(MemberUpdate update) {
    const std::size_t bytes = size_of(update);
    if (chunk_.updates.size() >= limits::member_sync_max || bytes_ + bytes > chunk_bytes_max) {
      const NodeId next = update.node;
      send(NodeId{next.value - 1});
      chunk_.from = next;
    }
    bytes_ += bytes;
    chunk_.updates.push_back(std::move(update));
  }
  void finish(bool even_when_empty) {
    if (even_when_empty || !chunk_.updates.empty()) send(last_);
  }

 private:
  void send(NodeId to) {
    chunk_.to = to;
    turn_.send(link_, chunk_);
    chunk_.updates.clear();
    bytes_ = 0;
  }

  Turn& turn_;
  LinkId link_;
  wire::MemberSync chunk_;
  NodeId last_;
  std::size_t bytes_ = 0;
};

bool is_behind(const MemberUpdate& claim, const Member& member) {
  return merge(&member, claim) == Verdict::stale;
}

}  // namespace

void Membership::compare(Turn& turn, NodeId with, std::uint64_t hash) {
  Linked* const linked = linked_.find(with);
  if (linked == nullptr) return;
  const bool is_new_link = !linked->is_compared;
  linked->is_compared = true;
  if (hash == table_.hash()) return;
  const bool is_settled = turn.now() - table_.changed_at() >= options_.probe_interval * 2 ||
                          turn.now() - synced_at_ >= options_.probe_interval * 5;
  if (!is_new_link && (turn.now() < next_sync_at_ || !is_settled)) return;
  send_table(turn, with);
}

void Membership::send_table(Turn& turn, NodeId to) {
  synced_at_ = turn.now();
  next_sync_at_ = turn.now() + options_.probe_interval;
  wire::MemberSync head;
  head.members_hash = table_.hash();
  head.is_request = true;
  Chunks chunks(turn, turn.link_to(to), head, NodeId{std::numeric_limits<std::uint64_t>::max()});
  for (const auto& [node, member] : table_.members()) chunks.add(update_of(member));
  chunks.finish(true);
}

void Membership::on_member_sync(Turn& turn, LinkId link, NodeId from,
                                const wire::MemberSync& sync) {
  if (!linked_.contains(from) || sync.from > sync.to) return;
  Updates updates;
  updates.reserve(sync.updates.size());
  for (const MemberUpdate& claim : sync.updates) {
    // Somebody's memory of the long dead: learning it anew would keep it alive among us for ever.
    if (!is_live(claim.state) && table_.find(claim.node) == nullptr) continue;
    updates.push_back(claim);
  }
  hear(turn, from, updates, nullptr);
  if (sync.is_request) answer_sync(turn, link, sync);
}

/// Sends what the asker lacks in the range it told about.
void Membership::answer_sync(Turn& turn, LinkId link, const wire::MemberSync& request) {
  std::map<NodeId, const MemberUpdate*> told;
  for (const MemberUpdate& claim : request.updates) told[claim.node] = &claim;
  wire::MemberSync head;
  head.members_hash = table_.hash();
  head.from = request.from;
  Chunks chunks(turn, link, head, request.to);
  const auto& members = table_.members();
  for (auto next = members.lower_bound(request.from); next != members.end(); ++next) {
    const auto& [node, member] = *next;
    if (node > request.to) break;
    const auto claim = told.find(node);
    if (claim == told.end() ? is_live(member.state) : is_behind(*claim->second, member))
      chunks.add(update_of(member));
  }
  chunks.finish(false);
}

}  // namespace mpreg::membership
