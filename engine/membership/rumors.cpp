#include "engine/membership/rumors.hpp"

#include <algorithm>
#include <array>

#include "engine/base/limits.hpp"

namespace mpreg::membership {

void Rumors::add(NodeId node) {
  erase(node);
  if (places_.size() >= limits::rumors_max) drop_most_told();
  const Place place = allocate(node);
  places_.insert(node, place);
  link_first(place);
}

void Rumors::erase(NodeId node) {
  if (const Place* const place = places_.find(node)) remove(*place);
}

std::vector<NodeId> Rumors::take(std::size_t count, std::uint32_t told_max) {
  std::vector<NodeId> taken;
  count = std::min({count, places_.size(), limits::piggyback_max});
  if (count == 0) return taken;
  taken.reserve(count);
  // Unlinked first: one that is told again must not be met a second time.
  std::array<Place, limits::piggyback_max> chosen{};
  std::size_t told = 0;
  for (std::size_t i = 0; i < count; ++i) {
    while (queues_[told].first == nowhere) ++told;
    chosen[i] = queues_[told].first;
    unlink(chosen[i]);
  }
  for (std::size_t i = 0; i < count; ++i) {
    Entry& entry = entries_[chosen[i]];
    taken.push_back(entry.node);
    ++entry.told;
    link_last(chosen[i]);
    if (entry.told >= told_max) remove(chosen[i]);
  }
  return taken;
}

Rumors::Place Rumors::allocate(NodeId node) {
  if (free_ == nowhere) {
    entries_.push_back({node});
    return static_cast<Place>(entries_.size() - 1);
  }
  const Place place = free_;
  free_ = entries_[place].next;
  entries_[place] = {node};
  return place;
}

void Rumors::link_first(Place place) {
  Entry& entry = entries_[place];
  if (queues_.size() <= entry.told) queues_.resize(entry.told + 1);
  Queue& queue = queues_[entry.told];
  entry.previous = nowhere;
  entry.next = queue.first;
  (queue.first == nowhere ? queue.last : entries_[queue.first].previous) = place;
  queue.first = place;
}

void Rumors::link_last(Place place) {
  Entry& entry = entries_[place];
  if (queues_.size() <= entry.told) queues_.resize(entry.told + 1);
  Queue& queue = queues_[entry.told];
  entry.previous = queue.last;
  entry.next = nowhere;
  (queue.last == nowhere ? queue.first : entries_[queue.last].next) = place;
  queue.last = place;
}

void Rumors::unlink(Place place) {
  const Entry& entry = entries_[place];
  Queue& queue = queues_[entry.told];
  (entry.previous == nowhere ? queue.first : entries_[entry.previous].next) = entry.next;
  (entry.next == nowhere ? queue.last : entries_[entry.next].previous) = entry.previous;
}

void Rumors::remove(Place place) {
  unlink(place);
  places_.erase(entries_[place].node);
  entries_[place].next = free_;
  free_ = place;
}

void Rumors::drop_most_told() {
  std::size_t told = queues_.size() - 1;
  while (queues_[told].last == nowhere) --told;
  remove(queues_[told].last);
}

std::vector<NodeId> Rumors::members_of(const Queue& queue) const {
  std::vector<NodeId> members;
  for (Place place = queue.first; place != nowhere; place = entries_[place].next)
    members.push_back(entries_[place].node);
  return members;
}

bool Rumors::fill(const std::vector<std::vector<NodeId>>& queues) {
  queues_.resize(queues.size());
  for (std::size_t told = 0; told < queues.size(); ++told) {
    for (const NodeId node : queues[told]) {
      const Place place = allocate(node);
      if (!places_.insert(node, place).second || places_.size() > limits::rumors_max) return false;
      entries_[place].told = static_cast<std::uint32_t>(told);
      link_last(place);
    }
  }
  return true;
}

}  // namespace mpreg::membership
