#pragma once

#include <cstdint>
#include <map>
#include <vector>

#include "engine/base/ids.hpp"
#include "engine/base/time.hpp"

namespace mpreg::gossip {

/// News waiting to be pushed, one entry per owner: what is newer joins what is older, so the table
/// is bounded by the owners known (limits::owners_max).
class Rumors {
 public:
  static constexpr std::size_t holders_max = 4;

  struct Rumor {
    std::uint64_t since = 0;      ///< Receivers are assumed to know the owner up to here.
    Instant due;                  ///< Pushed then at the latest.
    bool is_lease = false;        ///< Nothing but a renewed lease.
    std::vector<NodeId> holders;  ///< They told us, thus know it; the latest holders_max.
    template <class Archive, class Self>
    static void fields(Archive& archive, Self& self) {
      archive.all(self.since, self.due, self.is_lease, self.holders);
    }
  };

  /// Adds news of an owner. `holder` is who told it; none for own changes.
  void add(NodeId owner, std::uint64_t since, Instant due, NodeId holder, bool is_lease = false);
  /// Somebody sent what we know already: it need not be told back.
  void note_holder(NodeId owner, NodeId holder);
  /// When the earliest is due; max when there is nothing.
  [[nodiscard]] Instant next_due() const;
  /// Everything, by owner: what is not due yet travels along. Empty then.
  [[nodiscard]] std::map<NodeId, Rumor> take();

  [[nodiscard]] bool empty() const { return rumors_.empty(); }
  [[nodiscard]] std::size_t size() const { return rumors_.size(); }
  /// What a snapshot holds: see runtime/byte_archive.hpp.
  template <class Archive, class Self>
  static void fields(Archive& archive, Self& self) {
    archive.all(self.rumors_, self.next_due_);
  }

 private:
  std::map<NodeId, Rumor> rumors_;
  Instant next_due_ = Instant::max();
};

}  // namespace mpreg::gossip
