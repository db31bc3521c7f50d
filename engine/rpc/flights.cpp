#include "engine/rpc/flights.hpp"

#include <utility>

#include "engine/base/assert.hpp"

namespace mpreg::rpc {

std::uint32_t Flights::open(Question&& question) {
  const std::uint32_t index = slab_.add();
  const bool is_new = by_key_.insert(question.key, index).second;
  MPREG_ASSERT(is_new);
  if (!question.request.is_none()) by_request_.insert(question.request, index);
  bytes_ += question.payload.size();
  slab_[index].question = std::move(question);
  link_in(index);
  return index;
}

void Flights::close(std::uint32_t index) {
  unlink(index);
  const Question& question = slab_[index].question;
  bytes_ -= question.payload.size();
  by_key_.erase(question.key);
  if (!question.request.is_none()) by_request_.erase(question.request);
  slab_.release(index);
}

void Flights::move_to(std::uint32_t index, LinkId client) {
  unlink(index);
  slab_[index].question.client = client;
  link_in(index);
}

std::uint32_t Flights::find(const CallKey& key) const {
  const std::uint32_t* const index = by_key_.find(key);
  return index == nullptr ? none : *index;
}

std::uint32_t Flights::find(RequestId request) const {
  const std::uint32_t* const index = by_request_.find(request);
  return index == nullptr ? none : *index;
}

std::uint32_t Flights::count_of(LinkId client) const {
  const Client* const known = clients_.find(client);
  return known == nullptr ? 0 : known->count;
}

std::size_t Flights::bytes_of(LinkId client) const {
  const Client* const known = clients_.find(client);
  return known == nullptr ? 0 : known->bytes;
}

std::vector<std::uint32_t> Flights::of_client(LinkId client) const {
  std::vector<std::uint32_t> indexes;
  const Client* const known = clients_.find(client);
  if (known == nullptr) return indexes;
  for (std::uint32_t index = known->first; index != none; index = slab_[index].next)
    indexes.push_back(index);
  return indexes;
}

std::vector<std::uint32_t> Flights::at(Stage stage, NodeId provider) const {
  std::vector<std::uint32_t> indexes;
  for (std::uint32_t index = 0; index < slab_.extent(); ++index) {
    if (!slab_.is_used(index)) continue;
    const Flight& flight = slab_[index];
    if (flight.stage == stage && flight.provider == provider) indexes.push_back(index);
  }
  return indexes;
}

void Flights::link_in(std::uint32_t index) {
  Flight& flight = slab_[index];
  if (flight.question.client.is_none()) return;
  Client& client = *clients_.insert(flight.question.client, {}).first;
  ++client.count;
  client.bytes += flight.question.payload.size();
  flight.previous = none;
  flight.next = client.first;
  if (flight.next != none) slab_[flight.next].previous = index;
  client.first = index;
}

void Flights::unlink(std::uint32_t index) {
  const Flight& flight = slab_[index];
  if (flight.question.client.is_none()) return;
  if (flight.next != none) slab_[flight.next].previous = flight.previous;
  if (flight.previous != none) slab_[flight.previous].next = flight.next;
  Client& client = *clients_.find(flight.question.client);
  if (client.first == index) client.first = flight.next;
  client.bytes -= flight.question.payload.size();
  if (--client.count == 0) clients_.erase(flight.question.client);
}

bool Flights::restored() {
  const auto follows = [this](std::uint32_t first, std::uint32_t second) {
    return slab_.is_used(first) && slab_.is_used(second) && slab_[first].next == second &&
           slab_[second].previous == first &&
           slab_[first].question.client == slab_[second].question.client;
  };
  for (std::uint32_t index = 0; index < slab_.extent(); ++index) {
    if (!slab_.is_used(index)) continue;
    const Flight& flight = slab_[index];
    if (!by_key_.insert(flight.question.key, index).second) return false;
    if (!flight.question.request.is_none()) by_request_.insert(flight.question.request, index);
    bytes_ += flight.question.payload.size();
    if (flight.next != none && !follows(index, flight.next)) return false;
    if (flight.previous != none && !follows(flight.previous, index)) return false;
    if (flight.question.client.is_none()) continue;
    Client& client = *clients_.insert(flight.question.client, {}).first;
    ++client.count;
    client.bytes += flight.question.payload.size();
    if (flight.previous == none) client.first = index;
  }
  return true;
}

}  // namespace mpreg::rpc
