#include "node/lab/subject_json.hpp"

#include <algorithm>
#include <string>
#include <utility>

#include <boost/json.hpp>

#include "engine/base/text.hpp"
#include "engine/wire/describe.hpp"

namespace mpreg::node {
namespace {

namespace json = boost::json;

/// "type\nname" as "type name".
std::string shown(std::string key) {
  std::replace(key.begin(), key.end(), '\n', ' ');
  return key;
}

json::array records_of(const std::vector<sim::RecordSeen>& records) {
  json::array list;
  for (const sim::RecordSeen& record : records)
    list.push_back({{"owner", describe(record.owner)},
                    {"key", shown(record.key.key)},
                    {"version", record.version}});
  return list;
}

}  // namespace

json::object document_of(const sim::Subject& subject) {
  json::object document;
  const bool is_serving = subject.standing() == sim::Standing::serving;
  document["serving"] = is_serving;
  if (is_serving) document["incarnation"] = subject.incarnation().value;
  document["digest"] = hex(subject.state_digest());
  json::array members;
  for (const sim::MemberSeen& member : subject.members())
    members.push_back({{"node", describe(member.node)},
                       {"incarnation", member.incarnation.value},
                       {"state", wire::describe(member.state)}});
  document["members"] = std::move(members);
  document["offered"] = records_of(subject.offered());
  document["visible"] = records_of(subject.visible());
  json::object tables;
  for (const TableSize& table : subject.tables())
    if (table.size > 0) tables[table.table] = table.size;
  document["tables"] = std::move(tables);
  json::array pending;
  for (const std::string& reason : subject.pending()) pending.push_back(json::value(reason));
  document["pending"] = std::move(pending);
  return document;
}

}  // namespace mpreg::node
