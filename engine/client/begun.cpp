#include "engine/client/begun.hpp"

#include "engine/base/assert.hpp"

namespace mpreg::client {

Begun::Begun(std::size_t count_max) : count_max_(count_max) { MPREG_ASSERT(count_max > 0); }

bool Begun::contains(const rpc::CallKey& key, std::uint32_t attempt) const {
  const Entry* const known = index_.find(key);
  return known != nullptr && attempt <= known->attempt;
}

void Begun::add(const rpc::CallKey& key, std::uint32_t attempt) {
  const std::size_t place = next_ % count_max_;
  if (place == ring_.size()) {
    ring_.push_back(key);
  } else {
    const Entry* const oldest = index_.find(ring_[place]);
    if (oldest != nullptr && oldest->number + count_max_ == next_) index_.erase(ring_[place]);
    ring_[place] = key;
  }
  index_.insert_or_assign(key, {attempt, next_});
  ++next_;
}

void Begun::clear() {
  index_.clear();
  ring_.clear();
  next_ = 0;
}

}  // namespace mpreg::client
