#include "node/kv_service.hpp"

#include <utility>

#include <boost/json.hpp>

#include "node/kv_json.hpp"

namespace mpreg::node {
namespace {

namespace json = boost::json;

Returned document(Bytes payload) { return {Errc::ok, {}, "application/json", std::move(payload)}; }

}  // namespace

KvService::KvService(const fabric::Fabric& fabric, Ask ask)
    : fabric_(fabric), ask_(std::move(ask)) {}

void KvService::answer(const std::string& group, const Invocation& question,
                       const std::function<void(Returned)>& done) const {
  auto read = read_kv_question(question.payload);
  if (!read) return done({read.error().code, read.error().message, {}, {}});
  if (read->is_for_status) return done(document(status(group)));
  read->request.group = group;
  read->request.timeout = question.timeout;
  ask_(std::move(read->request),
       [done](const runtime::Outcome& outcome) { done(document(kv_answer(outcome))); });
}

Bytes KvService::status(const std::string& name) const {
  json::object document;
  for (const raft::Group& group : fabric_.raft().groups()) {
    if (group.options().name != name) continue;
    json::array members;
    for (const NodeId member : group.options().members) members.emplace_back(member.value);
    document = {{"node", fabric_.options().name},
                {"role", group.stage() == raft::Group::Stage::serving
                             ? std::string(raft::name_of(group.role()))
                             : "failed"},
                {"leader", group.leader().value},
                {"term", group.term()},
                {"commit", group.commit()},
                {"applied", group.applied()},
                {"keys", group.store().keys()},
                {"members", std::move(members)}};
  }
  return Bytes::copy_of(json::serialize(document));
}

}  // namespace mpreg::node
