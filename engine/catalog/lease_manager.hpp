#pragma once

#include <cstddef>

#include "engine/base/ids.hpp"
#include "engine/base/random.hpp"
#include "engine/base/time.hpp"

namespace mpreg::catalog {

/// The lease that all own records share: when it was last renewed and when it is next.
///
/// Every change of an own record renews it as well, since it goes out with the change. A refresh is
/// due a third of the life after the last renewal, earlier by up to a quarter of that, drawn anew
/// each time so that nodes started together drift apart. Every renewal reaches every node, so
/// beyond twenty owners lives grow with their number: a node hears of a renewal every two seconds
/// at most, until lives are as long as they may be.
class LeaseManager {
 public:
  explicit LeaseManager(Duration ttl) : ttl_(ttl) {}

  /// The own records go out now, with a full life; `owners` is how many there are.
  void renew(Instant now, Random& random, std::size_t owners);
  /// True when the records should be renewed although nothing changed.
  [[nodiscard]] bool is_due(Instant now) const { return now >= due_; }
  [[nodiscard]] Instant due() const { return due_; }
  [[nodiscard]] Instant deadline() const { return deadline_; }
  /// What a snapshot holds: see runtime/byte_archive.hpp.
  template <class Archive, class Self>
  static void fields(Archive& archive, Self& self) {
    archive.all(self.due_, self.deadline_);
  }

 private:
  Duration ttl_;
  Instant due_;
  Instant deadline_;
};

}  // namespace mpreg::catalog
