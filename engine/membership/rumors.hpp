#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "engine/base/hash_index.hpp"
#include "engine/base/ids.hpp"

namespace mpreg::membership {

/// Which members' news still has to be told, the least told first.
///
/// Holds names only; what is told is what the table says at that moment. Limits: rumors_max; the
/// most told goes. Every operation costs the same however many wait: large clusters tell rumors
/// with every probe.
class Rumors {
 public:
  /// News about a member: told from the start again, before older news that was never told.
  void add(NodeId node);
  void erase(NodeId node);
  /// Up to `count` members to tell now, at most limits::piggyback_max: of those told as often, the
  /// one that waits longest. Each was told once more; one told `told_max` times is done.
  [[nodiscard]] std::vector<NodeId> take(std::size_t count, std::uint32_t told_max);
  [[nodiscard]] std::size_t size() const { return places_.size(); }
  /// For snapshots, see runtime/byte_archive.hpp: the queues, each from its first to its last.
  template <class Writer>
  void save(Writer& writer) const {
    writer.varint(queues_.size());
    for (const Queue& queue : queues_) writer.one(members_of(queue));
  }
  template <class Reader>
  [[nodiscard]] bool load(Reader& reader) {
    std::vector<std::vector<NodeId>> queues;
    reader.one(queues);
    return reader.is_ok() && fill(queues);
  }

 private:
  using Place = std::uint32_t;  ///< In entries_.
  static constexpr Place nowhere = ~Place{0};

  struct Entry {
    NodeId node;
    std::uint32_t told = 0;
    Place previous = nowhere;
    Place next = nowhere;  ///< Of the free ones too.
  };
  /// Those told equally often, in the order in which they will be told again.
  struct Queue {
    Place first = nowhere;
    Place last = nowhere;
  };

  [[nodiscard]] Place allocate(NodeId node);
  void link_first(Place place);
  void link_last(Place place);
  void unlink(Place place);
  void remove(Place place);
  void drop_most_told();
  [[nodiscard]] std::vector<NodeId> members_of(const Queue& queue) const;
  /// False for what no rumors can be.
  [[nodiscard]] bool fill(const std::vector<std::vector<NodeId>>& queues);

  HashIndex<NodeId, Place> places_;
  std::vector<Entry> entries_;
  std::vector<Queue> queues_;  ///< By how often they were told.
  Place free_ = nowhere;
};

}  // namespace mpreg::membership
