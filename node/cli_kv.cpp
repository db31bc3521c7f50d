// kv: one operation on the replicated store of a consensus group, or what its members know.
#include <cstdio>
#include <string>
#include <vector>

#include <boost/json.hpp>

#include "node/cli_options.hpp"
#include "node/client/kv_client.hpp"
#include "node/client_flags.hpp"
#include "node/exit_code.hpp"
#include "node/kv_json.hpp"

namespace mpreg::node {
namespace {

namespace json = boost::json;
using runtime::KvOp;

runtime::KvRequest request_of(const std::string& verb, const KvFlags& flags) {
  runtime::KvRequest request;
  request.key = flags.key;
  request.value = Bytes::copy_of(flags.value);
  request.op = verb == "put"      ? KvOp::put
               : verb == "cas"    ? KvOp::cas
               : verb == "delete" ? KvOp::erase
                                  : KvOp::get;
  if (!flags.is_absent_expected) request.expected = Bytes::copy_of(flags.expected);
  return request;
}

/// A value on stdout, a failure on stderr; with --json a document in either case.
int print(const std::string& verb, const KvFlags& flags, const runtime::Outcome& outcome) {
  const bool is_ok = outcome.code == Errc::ok;
  const std::string code(describe(outcome.code));
  if (flags.client.is_json) {
    json::object document{{"ok", is_ok}};
    if (!is_ok)
      document["error"] = {{"code", code}, {"message", outcome.message}};
    else if (verb == "get")
      document["value"] = outcome.payload.text();
    std::printf("%s\n", json::serialize(document).c_str());
  } else if (!is_ok) {
    std::fprintf(stderr, "mpreg kv %s: %s: %s\n", verb.c_str(), code.c_str(),
                 outcome.message.c_str());
  } else if (verb == "get") {
    std::fwrite(outcome.payload.data(), 1, outcome.payload.size(), stdout);
    std::printf("\n");
  }
  return is_ok ? exit_ok : exit_failed;
}

/// What one member knows; none: any of them. Null when it does not answer.
json::value ask_status(Connection& connection, const std::string& group, NodeId member,
                       Duration timeout, runtime::Outcome& outcome) {
  runtime::CallRequest call;
  call.selector.name = kv_function(group);
  call.selector.node = member;
  call.timeout = timeout;
  call.is_idempotent = true;
  call.payload = Bytes::copy_of(R"({"op":"status"})");
  outcome = connection.call(std::move(call));
  json::error_code error;
  json::value document = json::parse(outcome.payload.text(), error);
  return error || outcome.code != Errc::ok ? json::value() : document;
}

void print_row(const json::value& known, NodeId member, NodeId leader) {
  if (known.is_null()) return void(std::printf("%-16s -\n", describe(member).c_str()));
  const json::object& row = known.as_object();
  std::printf("%-16s %-13s %6llu %8llu %8llu %8llu%s\n", row.at("node").as_string().c_str(),
              row.at("role").as_string().c_str(), row.at("term").to_number<unsigned long long>(),
              row.at("commit").to_number<unsigned long long>(),
              row.at("applied").to_number<unsigned long long>(),
              row.at("keys").to_number<unsigned long long>(), member == leader ? "  leads" : "");
}

int print_status(Connection& connection, const KvFlags& flags) {
  const Duration timeout = timeout_of(flags.client);
  runtime::Outcome outcome;
  const json::value any = ask_status(connection, flags.group, NodeId{}, timeout, outcome);
  if (any.is_null()) return print("status", flags, outcome);
  const NodeId leader{any.as_object().at("leader").to_number<std::uint64_t>()};
  json::array all;
  if (!flags.client.is_json)
    std::printf("%-16s %-13s %6s %8s %8s %8s\n", "MEMBER", "ROLE", "TERM", "COMMIT", "APPLIED",
                "KEYS");
  for (const json::value& id : any.as_object().at("members").as_array()) {
    const NodeId member{id.to_number<std::uint64_t>()};
    const json::value known = ask_status(connection, flags.group, member, timeout, outcome);
    if (!flags.client.is_json) print_row(known, member, leader);
    all.push_back(known);
  }
  if (flags.client.is_json) std::printf("%s\n", json::serialize(all).c_str());
  return exit_ok;
}

}  // namespace

int run_kv(const std::string& verb, const KvFlags& flags) {
  int code = exit_ok;
  const auto connection = connect(flags.client, "kv", 1, code);
  if (!connection) return code;
  if (verb == "status") return print_status(*connection, flags);
  KvClient client(*connection, flags.group, timeout_of(flags.client));
  return print(verb, flags, client.run(request_of(verb, flags)));
}

}  // namespace mpreg::node
