#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "engine/base/hash_index.hpp"
#include "engine/rpc/call.hpp"

namespace mpreg::client {

/// Calls whose execution began, so that a frame that comes twice, or late, begins nothing again.
///
/// Attempts of a call count up, and a further one is sent only when the one before executed
/// nothing: an attempt up to the one that began is a copy. Bounded: the oldest goes.
class Begun {
 public:
  /// Requires: count_max > 0.
  explicit Begun(std::size_t count_max);

  [[nodiscard]] bool contains(const rpc::CallKey& key, std::uint32_t attempt) const;
  void add(const rpc::CallKey& key, std::uint32_t attempt);
  [[nodiscard]] std::size_t size() const { return index_.size(); }
  /// Forgets everything.
  void clear();

 private:
  struct Entry {
    std::uint32_t attempt = 0;
    std::uint64_t number = 0;  ///< Of its latest addition.
  };

  std::size_t count_max_;
  HashIndex<rpc::CallKey, Entry, rpc::CallKeyHash> index_;
  std::vector<rpc::CallKey> ring_;  ///< Addition n at n modulo count_max_.
  std::uint64_t next_ = 0;          ///< Number of the next addition.
};

}  // namespace mpreg::client
