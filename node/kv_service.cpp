#include "node/kv_service.hpp"

#include <utility>

#include <boost/json.hpp>

#include "node/kv_json.hpp"

namespace mpreg::node {
namespace {

namespace json = boost::json;

Returned document(Bytes payload) { return {Errc::ok, {}, "application/json", std::move(payload)}; }

bool is_for_status(const Bytes& payload) {
  json::error_code error;
  const json::value value = json::parse(payload.text(), error);
  if (error || !value.is_object()) return false;
  const json::value* const op = value.get_object().if_contains("op");
  return op != nullptr && op->is_string() && op->get_string() == "status";
}

}  // namespace

KvService::KvService(const fabric::Fabric& fabric, Ask ask)
    : fabric_(fabric), ask_(std::move(ask)) {}

void KvService::answer(const std::string& group, const Invocation& question,
                       const std::function<void(Returned)>& done) const {
  if (is_for_status(question.payload)) return done(document(status(group)));
  auto request = read_kv_question(question.payload);
  if (!request) return done({request.error().code, request.error().message, {}, {}});
  request->group = group;
  request->timeout = question.timeout;
  ask_(std::move(*request),
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
