#include "sim/sim_timers.hpp"

#include <algorithm>

namespace mpreg::sim {

std::vector<SimTimers::Entry>::iterator SimTimers::place_of(const runtime::TimerKey& key) {
  return std::lower_bound(
      entries_.begin(), entries_.end(), key,
      [](const Entry& entry, const runtime::TimerKey& wanted) { return entry.key < wanted; });
}

void SimTimers::schedule(Entry& entry) {
  entry.arming = ++armings_;
  SimEvent event;
  event.kind = EventKind::timer;
  event.node = node_;
  event.life = life_;
  event.a = entry.arming << 8 | static_cast<std::uint64_t>(entry.key.kind);
  event.b = entry.key.subject;
  entry.handle = world_.schedule(clock_.world(entry.at), event);
}

void SimTimers::arm(const runtime::TimerKey& key, Instant at) {
  auto place = place_of(key);
  if (place != entries_.end() && place->key == key) {
    world_.cancel(place->handle);
    place->at = at;
  } else {
    place = entries_.insert(place, Entry{key, at, {}});
  }
  schedule(*place);
}

void SimTimers::disarm(const runtime::TimerKey& key) {
  const auto place = place_of(key);
  if (place == entries_.end() || place->key != key) return;
  world_.cancel(place->handle);
  entries_.erase(place);
}

std::optional<runtime::TimerKey> SimTimers::take_expired(const SimEvent& event) {
  const runtime::TimerKey key{static_cast<runtime::TimerKind>(event.a & 0xff), event.b};
  const auto place = place_of(key);
  if (place == entries_.end() || place->key != key) return std::nullopt;
  if (place->arming != event.a >> 8 || clock_.now() < place->at) return std::nullopt;
  entries_.erase(place);
  if (clock_.drift() != 0) faults_.add(Fault::clock_drift);
  return key;
}

void SimTimers::reschedule() {
  for (Entry& entry : entries_) {
    world_.cancel(entry.handle);
    schedule(entry);
  }
}

bool SimTimers::reschedule_after_jump() {
  reschedule();
  return std::any_of(entries_.begin(), entries_.end(),
                     [this](const Entry& entry) { return entry.at < clock_.now(); });
}

void SimTimers::restart(std::uint32_t life) {
  for (const Entry& entry : entries_) world_.cancel(entry.handle);
  entries_.clear();
  life_ = life;
}

}  // namespace mpreg::sim
