#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "engine/base/place_index.hpp"
#include "engine/rpc/call.hpp"

namespace mpreg::client {

/// Calls whose execution began, so that a frame that comes twice, or late, begins nothing again.
///
/// Attempts of a call count up, and a further one is sent only when the one before executed
/// nothing: an attempt up to the one that began is a copy. Bounded: the oldest goes.
class Begun {
 public:
  /// Requires: 0 < count_max < 2^31.
  explicit Begun(std::size_t count_max);

  [[nodiscard]] bool contains(const rpc::CallKey& key, std::uint32_t attempt) const;
  void add(const rpc::CallKey& key, std::uint32_t attempt);
  [[nodiscard]] std::size_t size() const { return index_.size(); }
  /// Forgets everything.
  void clear();

 private:
  struct Entry {
    rpc::CallKey key;
    std::uint32_t attempt = 0;
  };
  [[nodiscard]] std::uint32_t place_of(const rpc::CallKey& key, std::uint64_t hash) const;

  std::size_t count_max_;
  std::vector<Entry> ring_;  ///< Addition n at n modulo count_max_.
  std::size_t next_ = 0;     ///< Place of the next addition: of the oldest when all are taken.
  PlaceIndex index_;         ///< The latest addition of each call.
};

}  // namespace mpreg::client
