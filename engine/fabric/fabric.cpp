#include "engine/fabric/fabric.hpp"

#include <utility>

#include "engine/base/assert.hpp"
#include "engine/base/hash.hpp"
#include "engine/base/overloaded.hpp"

namespace mpreg::fabric {
Fabric::Fabric(const Options& options)
    : options_(options),
      boot_(options.is_durable),
      sessions_(options.session),
      membership_(options.membership),
      catalog_(options.catalog),
      store_(catalog_),
      gossip_(options.gossip, store_),
      inspect_(*this),
      rpc_(options.rpc, catalog_, inspect_),
      raft_(options.raft) {}

void Fabric::handle(Turn& turn, Input&& input) {
  std::visit(Overloaded{
                 [&](input::Started& i) { on_started(turn, i); },
                 [&](input::LinkUp& i) {
                   if (is_ready_)
                     sessions_.on_link_up(turn, i);
                   else
                     turn.hang_up(i.link, "the node is not ready");
                 },
                 [&](input::LinkDown& i) { sessions_.on_link_down(turn, i); },
                 [&](input::DialFailed& i) { sessions_.on_dial_failed(turn, i); },
                 [&](input::Received& i) { on_received(turn, i); },
                 [&](input::Expired& i) { on_expired(turn, i.timer); },
                 [&](input::Signed& i) { sessions_.on_signed(turn, i); },
                 [&](input::Written& i) { on_written(turn, i); },
                 [&](input::Fetched& i) { on_fetched(turn, i); },
                 [&](input::Returned& i) { rpc_.on_returned(turn, std::move(i)); },
                 [&](input::Command& i) { on_command(turn, std::move(i)); },
             },
             input);
}

void Fabric::on_started(Turn& turn, const input::Started& started) {
  MPREG_ASSERT(boot_.stage() == Boot::Stage::idle);
  turn.context().random = Random(started.seed, options_.self);
  if (boot_.on_started(turn, started.incarnation)) restore(turn);
}

void Fabric::on_written(Turn& turn, const input::Written& written) {
  if (boot_.stage() == Boot::Stage::done) return raft_.on_written(turn, written);
  if (boot_.on_written(turn, written)) restore(turn);
}

void Fabric::on_fetched(Turn& turn, const input::Fetched& fetched) {
  if (boot_.stage() != Boot::Stage::done) {
    if (boot_.on_fetched(turn, fetched)) restore(turn);
    return;
  }
  raft_.on_fetched(turn, fetched);
  if (!is_ready_ && raft_.is_settled() && !raft_.has_failed()) begin(turn);
}

/// The node knows who it is; its consensus groups read what they promised.
void Fabric::restore(Turn& turn) {
  raft_.load(turn);
  if (raft_.is_settled()) begin(turn);
}

/// The node's life begins: from here on it may be heard.
void Fabric::begin(Turn& turn) {
  const Incarnation incarnation = boot_.incarnation();
  is_ready_ = true;
  turn.note(runtime::NoteKind::started, options_.self.value, incarnation.value);
  sessions_.on_started(turn, incarnation, options_.addresses);
  catalog_.on_started(turn, incarnation);
  gossip_.on_started(turn);
  rpc_.on_started(turn, incarnation);
  wire::NodeRecord node;
  node.name = options_.name;
  node.cluster_name = options_.cluster_name;
  node.addresses = options_.addresses;
  node.capabilities = {"rpc"};
  node.resources = options_.resources;
  const Status advertised = catalog_.advertise(turn, std::move(node));
  MPREG_ASSERT(advertised);  // finish() checked what it is made of
  membership_.on_started(turn, incarnation);
  raft_.begin(turn);
}

std::uint64_t Fabric::state_digest() const {
  const rpc::Rpc::Counts calls = rpc_.counts();
  std::uint64_t digest = combine(membership_.members_hash(), catalog_.summary().catalog_hash);
  for (std::size_t kind = 0; kind < wire::record_kind_count; ++kind)
    digest = combine(digest, catalog_.generation(static_cast<wire::RecordKind>(kind)));
  digest = combine(digest, sessions_.peer_count());
  for (const raft::Group& group : raft_.groups())
    digest = combine(combine(digest, group.term()), group.applied());
  digest = combine(digest, calls.flights);
  return combine(digest, calls.answered);
}

}  // namespace mpreg::fabric
