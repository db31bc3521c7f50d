#include "engine/client/begun.hpp"

#include "engine/base/assert.hpp"

namespace mpreg::client {
namespace {

std::uint64_t hash_of(const rpc::CallKey& key) { return rpc::CallKeyHash{}(key); }

}  // namespace

Begun::Begun(std::size_t count_max) : count_max_(count_max) {
  MPREG_ASSERT(count_max > 0 && count_max < std::size_t{1} << 31);
}

std::uint32_t Begun::place_of(const rpc::CallKey& key, std::uint64_t hash) const {
  return index_.find(hash, [&](std::uint32_t place) { return ring_[place].key == key; });
}

bool Begun::contains(const rpc::CallKey& key, std::uint32_t attempt) const {
  const std::uint32_t place = place_of(key, hash_of(key));
  return place != PlaceIndex::none && attempt <= ring_[place].attempt;
}

void Begun::add(const rpc::CallKey& key, std::uint32_t attempt) {
  const auto place = static_cast<std::uint32_t>(next_);
  if (next_ == ring_.size())
    ring_.emplace_back();
  else
    index_.erase(hash_of(ring_[place].key), place);  // unless a later addition took its place there
  const std::uint64_t hash = hash_of(key);
  const std::uint32_t earlier = place_of(key, hash);
  ring_[place] = {key, attempt};
  if (earlier == PlaceIndex::none)
    index_.insert(hash, place);
  else
    index_.move(hash, earlier, place);
  next_ = next_ + 1 == count_max_ ? 0 : next_ + 1;
}

void Begun::clear() {
  index_.clear();
  ring_.clear();
  next_ = 0;
}

}  // namespace mpreg::client
