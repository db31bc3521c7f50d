#pragma once

#include <vector>

#include "engine/base/table_size.hpp"
#include "engine/raft/group.hpp"
#include "engine/raft/options.hpp"

namespace mpreg::raft {

/// All consensus groups that this node is a member of.
///
/// Brings messages, timers, answers of the disk and requests to their group. A message counts only
/// when the node at the other end of the link is a member of the group.
/// Consumes: PeerUp, PeerDown. Produces: event::LinkWanted.
class Raft {
 public:
  /// Requires: options.finish() succeeded.
  explicit Raft(const Options& options);

  /// Reads what every group keeps. Then, when is_settled(), begin().
  void load(Turn& turn);
  [[nodiscard]] bool is_settled() const;
  /// A group's storage failed or is damaged.
  [[nodiscard]] bool has_failed() const;
  void begin(Turn& turn);

  void on_fetched(Turn& turn, const input::Fetched& fetched);
  void on_written(Turn& turn, const input::Written& written);
  /// False when it is no message of this component.
  [[nodiscard]] bool on_message(Turn& turn, NodeId from, const wire::Message& message);
  void on_timer(Turn& turn, const runtime::TimerKey& timer);
  void on_peer_up(Turn& turn, const event::PeerUp& up);
  void on_peer_down(const event::PeerDown& down);
  /// Exactly one reply answers.
  void request(Turn& turn, RequestId request, const runtime::KvRequest& what);

  /// Ascending by id.
  [[nodiscard]] const std::vector<Group>& groups() const { return groups_; }
  [[nodiscard]] const Group* find(GroupId id) const;
  void tables(TableSizes& out) const;

  /// What a snapshot holds: see runtime/byte_archive.hpp. The groups are those of the options.
  template <class Writer>
  void save(Writer& writer) const {
    for (const Group& group : groups_) writer.one(group);
  }
  template <class Reader>
  [[nodiscard]] bool load(Reader& reader) {
    for (Group& group : groups_) reader.one(group);
    return reader.is_ok();
  }

 private:
  /// The group, when `from` is a member; else null, and noted.
  Group* group_of(Turn& turn, GroupId id, NodeId from);

  std::vector<Group> groups_;
};

}  // namespace mpreg::raft
