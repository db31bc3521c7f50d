#include <algorithm>

#include "sim/sim_network.hpp"

namespace mpreg::sim {
namespace {

/// One contiguous buffer, as a transport hands it over. The payload is copied only when there is
/// one.
Bytes whole(wire::Frame frame) {
  if (frame.payload.empty()) return std::move(frame.head);
  std::vector<std::byte> bytes;
  bytes.reserve(frame.size());
  bytes.insert(bytes.end(), frame.head.view().begin(), frame.head.view().end());
  bytes.insert(bytes.end(), frame.payload.view().begin(), frame.payload.view().end());
  return Bytes::take(std::move(bytes));
}

}  // namespace

SimNetwork::Usage SimNetwork::usage() const {
  Usage usage;
  usage.connections = connections_.size() - free_connections_.size();
  usage.attempts = attempts_.size() - free_attempts_.size();
  usage.flights = flights_.size() - free_flights_.size();
  for (const Process& one : processes_) usage.open_ends += one.open.size();
  for (const Connection& connection : connections_) {
    if (!connection.ends[0].is_open && !connection.ends[1].is_open) continue;
    const LinkOptions& options = options_of(connection.pair);
    for (const Way& way : connection.ways) {
      const Duration wait = std::max(Duration{}, way.wire_free - world_.now());
      const auto bandwidth = static_cast<std::int64_t>(options.bandwidth);
      std::size_t bytes = static_cast<std::size_t>(wait.micros() * bandwidth / 1'000'000);
      if (way.held_until > world_.now()) bytes = std::max<std::size_t>(bytes, way.held_bytes);
      const std::size_t excess = bytes - std::min<std::size_t>(bytes, options.queue_bytes);
      usage.excess_bytes = std::max(usage.excess_bytes, excess);
    }
  }
  return usage;
}

std::optional<Input> SimNetwork::handle(const SimEvent& event) {
  switch (event.kind) {
    case EventKind::dial_arrives:
      dial_arrives(event);
      return std::nullopt;
    case EventKind::link_up:
      return link_up(event);
    case EventKind::link_closed:
      return link_closed(event);
    case EventKind::link_break:
      return link_break(event);
    case EventKind::dial_failed:
      return dial_failed(event);
    case EventKind::frame:
      return frame_arrives(event);
    default:
      return std::nullopt;
  }
}

void SimNetwork::dial_arrives(const SimEvent& event) {
  const auto index = static_cast<std::uint32_t>(event.a);
  const Attempt attempt = attempts_[index];
  const Process& target = process(attempt.to);
  const Process& dialer = process(attempt.from);
  const std::uint32_t pair = pair_of(attempt.from, attempt.to);
  const Duration back = pairs_[pair].latency;
  if (!dialer.is_up || dialer.life != attempt.life) {
    free_attempts_.push_back(index);
    return;
  }
  if (is_host_off(attempt.to) || rules_.path(attempt.to, attempt.from) != PathState::open)
    return fail_dial(index, options_of(pair).dial_timeout, "timeout", Fault::dial_timeout);
  if (!target.is_up) return fail_dial(index, back, "refused", Fault::dial_refused);
  free_attempts_.push_back(index);
  const std::uint32_t connection = connect(attempt);
  announce(connection, 1, world_.now());
  announce(connection, 0, world_.now() + back);
}

std::optional<Input> SimNetwork::link_up(const SimEvent& event) {
  Connection* const connection = find(event.a);
  if (connection == nullptr || !connection->ends[event.b].is_open) return std::nullopt;
  End& end = connection->ends[event.b];
  end.is_announced = true;
  return input::LinkUp{end.link, end.dial, address_of(connection->ends[1 - event.b].node)};
}

std::optional<Input> SimNetwork::link_closed(const SimEvent& event) {
  const unsigned end = event.b & 0xffU;
  Connection* const connection = find(event.a);
  if (connection == nullptr || !connection->ends[end].is_open) return std::nullopt;
  const LinkId link = connection->ends[end].link;
  close_end(static_cast<std::uint32_t>(event.a & 0xffffffffU), end);
  switch (static_cast<Reason>(event.b >> 8)) {
    case Reason::hung_up:
      return input::LinkDown{link, "hung up"};
    case Reason::closed_by_peer:
      return input::LinkDown{link, "closed by peer"};
    case Reason::reset:
      return input::LinkDown{link, "connection reset"};
  }
  return std::nullopt;
}

std::optional<Input> SimNetwork::link_break(const SimEvent& event) {
  const auto end = static_cast<unsigned>(event.b);
  Connection* const connection = find(event.a);
  if (connection == nullptr || !connection->ends[end].is_open) return std::nullopt;
  connection->ways[end].is_doubted = false;
  const std::uint32_t to = connection->ends[1 - end].node;
  const bool is_reachable = rules_.path(event.node, to) == PathState::open &&
                            rules_.path(to, event.node) == PathState::open && !is_host_off(to);
  if (is_reachable && connection->ends[1 - end].is_open) return std::nullopt;
  const LinkId link = connection->ends[end].link;
  close_end(static_cast<std::uint32_t>(event.a & 0xffffffffU), end);
  // Whoever runs on that host now does not know the link.
  if (is_reachable) return input::LinkDown{link, "connection reset"};
  faults_.add(Fault::link_broken);
  return input::LinkDown{link, "no answer"};
}

std::optional<Input> SimNetwork::dial_failed(const SimEvent& event) {
  const auto index = static_cast<std::uint32_t>(event.a);
  const Attempt attempt = attempts_[index];
  free_attempts_.push_back(index);
  const Process& dialer = process(attempt.from);
  if (!dialer.is_up || dialer.life != attempt.life) return std::nullopt;
  return input::DialFailed{attempt.dial, attempt.why};
}

std::optional<Input> SimNetwork::frame_arrives(const SimEvent& event) {
  Flight& flight = flights_[event.a];
  wire::Frame frame = std::move(flight.frame);
  flight.frame = {};
  const std::uint64_t reference = flight.connection;
  const Instant sent = flight.sent;
  const unsigned end = flight.end;
  free_flights_.push_back(static_cast<std::uint32_t>(event.a));
  Connection* const connection = find(reference);
  if (Observer* const observer = world_.observer())
    observer->frame_came(world_.now(), event.a,
                         connection != nullptr && connection->ends[end].is_open);
  if (connection == nullptr) return std::nullopt;
  if (!connection->ends[end].is_open) {
    // Whoever runs on this host now does not know the link and says so.
    if (!is_host_off(event.node))
      tell_peer_closed(static_cast<std::uint32_t>(reference & 0xffffffffU), end, Reason::reset);
    return std::nullopt;
  }
  ++counts_.delivered;
  Process& receiver = process(event.node);
  if (sent < receiver.newest) faults_.add(Fault::frame_overtaken);
  receiver.newest = std::max(receiver.newest, sent);
  return input::Received{connection->ends[end].link, whole(std::move(frame))};
}

}  // namespace mpreg::sim
