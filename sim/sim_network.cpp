#include "sim/sim_network.hpp"

#include <algorithm>
#include <limits>

#include "engine/base/assert.hpp"

namespace mpreg::sim {
namespace {

constexpr std::uint32_t no_connection = std::numeric_limits<std::uint32_t>::max();
constexpr std::size_t captured_max = 256;
constexpr Duration unknown_address_time = milliseconds(1);

/// A free place in a pool, made when there is none.
template <class T>
std::uint32_t take_place(std::vector<T>& pool, std::vector<std::uint32_t>& free) {
  if (free.empty()) {
    pool.emplace_back();
    return static_cast<std::uint32_t>(pool.size() - 1);
  }
  const std::uint32_t index = free.back();
  free.pop_back();
  return index;
}

wire::Frame damaged(const wire::Frame& frame, std::uint64_t choice) {
  const bool in_payload = !frame.payload.empty() && choice % 2 == 1;
  const Bytes& healthy = in_payload ? frame.payload : frame.head;
  if (healthy.empty()) return frame;
  std::vector<std::byte> bytes(healthy.view().begin(), healthy.view().end());
  const std::uint64_t bit = (choice >> 1) % (bytes.size() * 8);
  bytes[bit / 8] ^= static_cast<std::byte>(1U << (bit % 8));
  wire::Frame result = frame;
  (in_payload ? result.payload : result.head) = Bytes::take(std::move(bytes));
  return result;
}

}  // namespace

std::uint32_t node_of_address(std::string_view address) {
  if (address.size() < 2 || address.size() > 10 || address.front() != 'n') return 0;
  std::uint32_t node = 0;
  for (const char digit : address.substr(1)) {
    if (digit < '0' || digit > '9') return 0;
    node = node * 10 + static_cast<std::uint32_t>(digit - '0');
  }
  return node;
}

std::string address_of(std::uint32_t node) { return "n" + std::to_string(node); }

void SimNetwork::set_options(const LinkOptions& options,
                             const std::vector<LinkOverride>& overrides) {
  profiles_ = {options};
  for (const LinkOverride& own : overrides) profiles_.push_back(own.options);
  overrides_ = overrides;
}

std::uint32_t SimNetwork::profile_of(std::uint32_t a, std::uint32_t b) const {
  for (std::size_t number = overrides_.size(); number > 0; --number) {
    const LinkOverride& own = overrides_[number - 1];
    const bool is_meant = (own.from.contains(a) && own.to.contains(b)) ||
                          (own.from.contains(b) && own.to.contains(a));
    if (is_meant) return static_cast<std::uint32_t>(number);
  }
  return 0;
}

SimNetwork::Process& SimNetwork::process(std::uint32_t node) {
  if (processes_.size() <= node) processes_.resize(node + 1);
  return processes_[node];
}

void SimNetwork::process_started(std::uint32_t node, std::uint32_t life) {
  Process& started = process(node);
  started.life = life;
  started.is_up = true;
  started.is_silent = false;
  started.newest = {};
  started.links = 0;
  started.open.clear();
}

bool SimNetwork::process_ended(std::uint32_t node, bool is_silent) {
  Process& ended = process(node);
  ended.is_up = false;
  ended.is_silent = is_silent;
  const auto open = ended.open;
  for (const auto& [link, index] : open) {
    const unsigned end =
        connections_[index].ends[0].node == node && connections_[index].ends[0].link == link ? 0
                                                                                             : 1;
    if (!is_silent) tell_peer_closed(index, end, Reason::closed_by_peer);
    const End& peer = connections_[index].ends[1 - end];
    // Transports ask now and then whether somebody is still there.
    if (peer.is_open && !peer.is_told) doubt(index, 1 - end);
    close_end(index, end);
  }
  return is_known_closed(node, ended.life);
}

bool SimNetwork::is_known_closed(std::uint32_t node, std::uint32_t life) const {
  for (const Connection& connection : connections_)
    for (const unsigned end : {0U, 1U}) {
      const End& own = connection.ends[end];
      const End& peer = connection.ends[1 - end];
      if (own.node == node && own.life == life && peer.is_open && !peer.is_told) return false;
    }
  return true;
}

bool SimNetwork::is_host_off(std::uint32_t node) const {
  return node < processes_.size() && !processes_[node].is_up && processes_[node].is_silent;
}

std::uint32_t SimNetwork::pair_of(std::uint32_t a, std::uint32_t b) {
  const auto key = std::minmax(a, b);
  const auto [found, is_new] = pair_index_.insert(std::uint64_t{key.first} << 32 | key.second,
                                                  static_cast<std::uint32_t>(pairs_.size()));
  if (is_new) {
    Pair pair;
    pair.profile = profile_of(a, b);
    const LinkOptions& options = profiles_[pair.profile];
    pair.latency = places_.child(key.first)
                       .child(key.second)
                       .between(Purpose::net_latency, 0, options.latency_min,
                                std::max(options.latency_min, options.latency_max));
    pairs_.push_back(pair);
  }
  return *found;
}

void SimNetwork::branch(std::uint64_t future) {
  draw_ = draw_.child(future);
  for (Connection& connection : connections_)
    for (Way& way : connection.ways) way.draw = way.draw.child(future);
}

std::uint64_t SimNetwork::next_number(std::uint32_t pair, std::uint32_t from, std::uint32_t to) {
  return pairs_[pair].frames[from < to ? 0 : 1]++;
}

Duration SimNetwork::latency(std::uint32_t pair, std::uint32_t from, std::uint32_t to,
                             const Draw& draw, std::uint64_t number) {
  const LinkOptions& options = options_of(pair);
  Duration total = pairs_[pair].latency;
  if (const Duration extra = rules_.extra_latency(from, to); extra.nanos > 0) {
    faults_.add(Fault::path_slow);
    total = total + extra;
  }
  if (options.jitter.nanos > 0)
    total = total +
            drawn_delay(options.shape, options.jitter, draw.bits(Purpose::net_latency, 2 * number));
  if (chance_ && draw.chance(Purpose::net_reorder, number, options.tail)) {
    faults_.add(Fault::frame_slow);
    total = total + draw.between(Purpose::net_latency, 2 * number + 1, {}, options.tail_delay);
  }
  return total;
}

Duration SimNetwork::plain_latency(const Connection& connection) const {
  return pairs_[connection.pair].latency;
}

std::uint64_t SimNetwork::reference(std::uint32_t index) const {
  return std::uint64_t{connections_[index].generation} << 32 | index;
}

SimNetwork::Connection* SimNetwork::find(std::uint64_t reference) {
  Connection& connection = connections_[reference & 0xffffffffU];
  return connection.generation == reference >> 32 ? &connection : nullptr;
}

std::uint32_t SimNetwork::find_open(std::uint32_t node, LinkId link) const {
  const auto& open = processes_[node].open;
  const auto at = std::lower_bound(
      open.begin(), open.end(), link,
      [](const std::pair<LinkId, std::uint32_t>& entry, LinkId id) { return entry.first < id; });
  return at == open.end() || at->first != link ? no_connection : at->second;
}

// --- links come and go --------------------------------------------------------------------------

void SimNetwork::dial(std::uint32_t node, DialId dial, const std::string& address) {
  const std::uint32_t index = take_place(attempts_, free_attempts_);
  Attempt& attempt = attempts_[index];
  attempt = {node, process(node).life, node_of_address(address), dial, ""};
  const std::uint32_t target = attempt.to;
  if (target == 0 || target >= processes_.size())
    return fail_dial(index, unknown_address_time, "no such address", Fault::dial_refused);
  const std::uint32_t pair = pair_of(node, target);
  if (rules_.path(node, target) != PathState::open ||
      rules_.path(target, node) != PathState::open || is_host_off(target))
    return fail_dial(index, options_of(pair).dial_timeout, "timeout", Fault::dial_timeout);
  const std::uint64_t number = next_number(pair, node, target);
  const Draw draw = draw_.child(node).child(target);
  const Instant held = rules_.held_until(node, target, world_.now());
  SimEvent event;
  event.kind = EventKind::dial_arrives;
  event.node = target;
  event.a = index;
  world_.schedule(std::max(world_.now(), held) + latency(pair, node, target, draw, number), event);
}

void SimNetwork::fail_dial(std::uint32_t attempt, Duration after, const char* why, Fault fault) {
  faults_.add(fault);
  attempts_[attempt].why = why;
  SimEvent event;
  event.kind = EventKind::dial_failed;
  event.node = attempts_[attempt].from;
  event.life = attempts_[attempt].life;
  event.a = attempt;
  world_.schedule(world_.now() + after, event);
}

std::uint32_t SimNetwork::connect(const Attempt& attempt) {
  const std::uint32_t index = take_place(connections_, free_connections_);
  const std::uint32_t generation = connections_[index].generation;
  connections_[index] = Connection{};
  connections_[index].generation = generation;
  connections_[index].pair = pair_of(attempt.from, attempt.to);
  connections_[index].ways[0].draw = draw_.child(attempt.from).child(attempt.to);
  connections_[index].ways[1].draw = draw_.child(attempt.to).child(attempt.from);
  open_end(index, 0, attempt.from, attempt.dial);
  open_end(index, 1, attempt.to, DialId{});
  if (Observer* const observer = world_.observer())
    observer->link_opened(world_.now(), reference(index), attempt.from, attempt.to);
  return index;
}

void SimNetwork::open_end(std::uint32_t index, unsigned end, std::uint32_t node, DialId dial) {
  Process& owner = process(node);
  End& opened = connections_[index].ends[end];
  opened.node = node;
  opened.life = owner.life;
  opened.link = LinkId{++owner.links};
  opened.dial = dial;
  opened.is_open = true;
  owner.open.emplace_back(opened.link, index);
}

void SimNetwork::close_end(std::uint32_t index, unsigned end) {
  Connection& connection = connections_[index];
  End& closed = connection.ends[end];
  if (!closed.is_open) return;
  closed.is_open = false;
  if (Observer* const observer = world_.observer())
    observer->link_closed(world_.now(), reference(index), static_cast<std::uint8_t>(end));
  auto& open = process(closed.node).open;
  std::erase_if(open, [&closed](const auto& entry) { return entry.first == closed.link; });
  if (connection.ends[0].is_open || connection.ends[1].is_open) return;
  ++connection.generation;
  free_connections_.push_back(index);
}

void SimNetwork::announce(std::uint32_t index, unsigned end, Instant at) {
  Connection& connection = connections_[index];
  connection.ways[1 - end].last_arrival = at;
  SimEvent event;
  event.kind = EventKind::link_up;
  event.node = connection.ends[end].node;
  event.life = connection.ends[end].life;
  event.a = reference(index);
  event.b = end;
  world_.schedule(at, event);
}

void SimNetwork::tell_closed(std::uint32_t index, unsigned end, Instant at, Reason why) {
  End& told = connections_[index].ends[end];
  told.is_told = true;
  SimEvent event;
  event.kind = EventKind::link_closed;
  event.node = told.node;
  event.life = told.life;
  event.a = reference(index);
  event.b = end | static_cast<std::uint64_t>(why) << 8;
  world_.schedule(at, event);
}

void SimNetwork::tell_peer_closed(std::uint32_t index, unsigned from_end, Reason why) {
  Connection& connection = connections_[index];
  const End& from = connection.ends[from_end];
  const End& to = connection.ends[1 - from_end];
  if (!to.is_open || rules_.path(from.node, to.node) != PathState::open) return;
  Way& way = connection.ways[from_end];
  const Instant held = rules_.held_until(from.node, to.node, world_.now());
  way.last_arrival =
      std::max(way.last_arrival, std::max(world_.now(), held) + plain_latency(connection));
  tell_closed(index, 1 - from_end, way.last_arrival, why);
}

void SimNetwork::hang_up(std::uint32_t node, LinkId link) {
  const std::uint32_t index = find_open(node, link);
  if (index == no_connection) return;
  Connection& connection = connections_[index];
  const unsigned end = connection.ends[0].node == node && connection.ends[0].link == link ? 0 : 1;
  if (connection.ends[end].is_leaving) return;
  connection.ends[end].is_leaving = true;
  tell_peer_closed(index, end, Reason::closed_by_peer);
  tell_closed(index, end, world_.now(), Reason::hung_up);
}

void SimNetwork::reset(std::uint32_t index, unsigned end, Fault why) {
  if (connections_[index].ends[end].is_leaving) return;
  faults_.add(why);
  connections_[index].ends[end].is_leaving = true;
  tell_peer_closed(index, end, Reason::reset);
  tell_closed(index, end, world_.now(), Reason::reset);
}

void SimNetwork::reset_links(std::uint32_t node, std::uint32_t peer) {
  const auto open = process(node).open;
  for (const auto& [link, index] : open) {
    const Connection& connection = connections_[index];
    const unsigned end = connection.ends[0].node == node && connection.ends[0].link == link ? 0 : 1;
    if (peer == 0 || connection.ends[1 - end].node == peer) reset(index, end, Fault::link_reset);
  }
}

std::vector<std::pair<LinkId, std::uint32_t>> SimNetwork::links_of(std::uint32_t node) const {
  std::vector<std::pair<LinkId, std::uint32_t>> links;
  if (node >= processes_.size()) return links;
  for (const auto& [link, index] : processes_[node].open) {
    const Connection& connection = connections_[index];
    const unsigned end = connection.ends[0].node == node && connection.ends[0].link == link ? 0 : 1;
    if (connection.ends[end].is_announced) links.emplace_back(link, connection.ends[1 - end].node);
  }
  return links;
}

std::size_t SimNetwork::link_count(std::uint32_t node) const {
  return node < processes_.size() ? processes_[node].open.size() : 0;
}

// --- frames -------------------------------------------------------------------------------------

bool SimNetwork::send(std::uint32_t node, LinkId link, wire::Frame frame) {
  const std::uint32_t index = find_open(node, link);
  if (index == no_connection) return false;
  const Connection& connection = connections_[index];
  const unsigned end = connection.ends[0].node == node && connection.ends[0].link == link ? 0 : 1;
  if (connection.ends[end].is_leaving) return false;
  transmit(index, end, std::move(frame));
  return true;
}

Route SimNetwork::route_of(std::uint32_t index, unsigned end) const {
  const Connection& connection = connections_[index];
  Route route;
  route.connection = reference(index);
  route.from = connection.ends[end].node;
  route.to = connection.ends[1 - end].node;
  route.end = static_cast<std::uint8_t>(end);
  return route;
}

void SimNetwork::tell_lost(std::uint32_t index, unsigned end, const wire::Frame& frame,
                           std::optional<Fault> why) const {
  if (Observer* const observer = world_.observer())
    observer->frame_lost(world_.now(), route_of(index, end), frame, why);
}

bool SimNetwork::is_lost(std::uint32_t index, unsigned end, std::uint64_t number,
                         const wire::Frame& frame) {
  const Connection& connection = connections_[index];
  const std::uint32_t from = connection.ends[end].node;
  const std::uint32_t to = connection.ends[1 - end].node;
  const PathState path = rules_.path(from, to);
  if (path != PathState::open) {
    const Fault why = path == PathState::cut ? Fault::partition_drop : Fault::one_way_drop;
    faults_.add(why);
    tell_lost(index, end, frame, why);
    doubt(index, end);
    return true;
  }
  if (is_host_off(to)) {
    tell_lost(index, end, frame, std::nullopt);
    doubt(index, end);
    return true;
  }
  const Ratio loss = options_of(connection.pair).loss;
  if (chance_ && connection.ways[end].draw.chance(Purpose::net_loss, number, loss)) {
    faults_.add(Fault::frame_lost);
    tell_lost(index, end, frame, Fault::frame_lost);
    return true;
  }
  return false;
}

std::optional<Instant> SimNetwork::departure(const LinkOptions& options, Way& way,
                                             std::size_t size) {
  if (options.bandwidth == 0) return world_.now();
  const auto bandwidth = static_cast<std::int64_t>(options.bandwidth);
  const auto bytes = static_cast<std::int64_t>(size);
  const Duration wait = std::max(Duration{}, way.wire_free - world_.now());
  const std::int64_t waiting = wait.micros() * bandwidth / 1'000'000;
  if (waiting + bytes > static_cast<std::int64_t>(options.queue_bytes)) return std::nullopt;
  if (wait.nanos > 0) faults_.add(Fault::frame_queued);
  way.wire_free = world_.now() + wait + nanoseconds(bytes * 1'000'000'000 / bandwidth);
  return way.wire_free;
}

bool SimNetwork::hold(const LinkOptions& options, Way& way, std::uint32_t from, std::uint32_t to,
                      std::size_t size) {
  const Instant until = rules_.held_until(from, to, world_.now());
  if (way.held_until <= world_.now()) way.held_bytes = 0;
  if (until <= world_.now()) return true;
  faults_.add(Fault::clog_hold);
  way.held_until = std::max(way.held_until, until);
  if (way.held_bytes + size > options.queue_bytes) return false;
  way.held_bytes += size;
  return true;
}

void SimNetwork::transmit(std::uint32_t index, unsigned end, wire::Frame frame) {
  Connection& connection = connections_[index];
  Way& way = connection.ways[end];
  const std::uint32_t from = connection.ends[end].node;
  const std::uint32_t to = connection.ends[1 - end].node;
  const std::uint64_t number = next_number(connection.pair, from, to);
  const std::size_t size = frame.size();
  const LinkOptions& options = options_of(connection.pair);
  ++counts_.messages;
  counts_.bytes += size;
  if (is_capturing_) capture(from, frame);
  if (chance_ && way.draw.chance(Purpose::net_reset, number, options.reset)) {
    tell_lost(index, end, frame, Fault::link_reset);
    return reset(index, end, Fault::link_reset);
  }
  if (is_lost(index, end, number, frame)) return;
  const auto leaves = departure(options, way, size);
  if (!leaves || !hold(options, way, from, to, size)) {
    tell_lost(index, end, frame, Fault::queue_overflow);
    return reset(index, end, Fault::queue_overflow);
  }
  Instant arrival =
      std::max(*leaves, way.held_until) + latency(connection.pair, from, to, way.draw, number);
  arrival = std::max(arrival, way.last_arrival);
  way.last_arrival = arrival;
  Route route;
  if (world_.observer() != nullptr) [[unlikely]]
    route = route_of(index, end);
  if (chance_ && options.corrupt.millionths != 0 &&
      way.draw.chance(Purpose::net_corrupt, 2 * number, options.corrupt)) {
    faults_.add(Fault::frame_corrupted);
    frame = damaged(frame, way.draw.bits(Purpose::net_corrupt, 2 * number + 1));
    route.is_damaged = true;
  }
  if (chance_ && options.duplicate.millionths != 0 &&
      way.draw.chance(Purpose::net_duplicate, 2 * number, options.duplicate)) {
    faults_.add(Fault::frame_duplicated);
    const Duration later = way.draw.between(Purpose::net_duplicate, 2 * number + 1, {},
                                            options.latency_max + options.jitter);
    route.is_copy = true;
    fly(index, 1 - end, arrival + later, frame, route);
    route.is_copy = false;
  }
  fly(index, 1 - end, arrival, std::move(frame), route);
}

void SimNetwork::fly(std::uint32_t index, unsigned to_end, Instant at, wire::Frame frame,
                     const Route& route) {
  const std::uint32_t place = take_place(flights_, free_flights_);
  if (Observer* const observer = world_.observer())
    observer->frame_sent(world_.now(), route, frame, place);
  Flight& flight = flights_[place];
  flight.frame = std::move(frame);
  flight.connection = reference(index);
  flight.sent = world_.now();
  flight.end = static_cast<std::uint8_t>(to_end);
  const End& receiver = connections_[index].ends[to_end];
  SimEvent event;
  event.kind = EventKind::frame;
  event.node = receiver.node;
  event.life = receiver.life;
  event.a = place;
  world_.schedule(at, event);
}

void SimNetwork::doubt(std::uint32_t index, unsigned end) {
  Connection& connection = connections_[index];
  if (connection.ways[end].is_doubted) return;
  connection.ways[end].is_doubted = true;
  SimEvent event;
  event.kind = EventKind::link_break;
  event.node = connection.ends[end].node;
  event.life = connection.ends[end].life;
  event.a = reference(index);
  event.b = end;
  world_.schedule(world_.now() + options_of(connection.pair).break_after, event);
}

void SimNetwork::capture(std::uint32_t from, const wire::Frame& frame) {
  if (captured_.size() < captured_max) captured_.emplace_back();
  captured_[captures_++ % captured_max] = {from, frame};
}

const wire::Frame& SimNetwork::captured(std::uint64_t choice) const {
  static const wire::Frame nothing;
  return captured_.empty() ? nothing : captured_[choice % captured_.size()].frame;
}

const wire::Frame& SimNetwork::captured_of(std::uint32_t node, std::uint64_t choice) const {
  static const wire::Frame nothing;
  for (std::size_t step = 0; step < captured_.size(); ++step) {
    const Captured& known = captured_[(choice % captured_.size() + step) % captured_.size()];
    if (known.from == node) return known.frame;
  }
  return nothing;
}

}  // namespace mpreg::sim
