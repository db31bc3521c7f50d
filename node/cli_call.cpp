// call, peers, catalog, status: one call each, printed for people or as JSON.
#include <cstdio>

#include <boost/json.hpp>

#include "engine/base/text.hpp"
#include "node/cli_options.hpp"
#include "node/client_flags.hpp"
#include "node/exit_code.hpp"

namespace mpreg::node {
namespace {

namespace json = boost::json;

json::value payload_value(const runtime::Outcome& outcome) {
  boost::system::error_code error;
  auto value = json::parse(outcome.payload.text(), error);
  if (!error && outcome.content_type == "application/json") return value;
  return json::value(hex(outcome.payload.view()));
}

void print_outcome(const char* verb, const runtime::Outcome& outcome, bool is_json) {
  const bool is_ok = outcome.code == Errc::ok;
  if (is_json) {
    json::object document;
    document["ok"] = is_ok;
    document["node"] = describe(outcome.node);
    if (is_ok) {
      document["content_type"] = outcome.content_type;
      document["result"] = payload_value(outcome);
    } else {
      json::object error;
      error["code"] = describe(outcome.code);
      error["message"] = outcome.message;
      error["retryable"] = is_retryable(outcome.code);
      error["function"] = outcome.function;
      document["error"] = std::move(error);
    }
    std::printf("%s\n", json::serialize(document).c_str());
    return;
  }
  if (is_ok) {
    std::fwrite(outcome.payload.data(), 1, outcome.payload.size(), stdout);
    std::printf("\n");
    return;
  }
  const std::string code(describe(outcome.code));
  std::fprintf(stderr, "mpreg %s: %s: %s (function %s%s%s%s)\n", verb, code.c_str(),
               outcome.message.c_str(), printable(outcome.function).c_str(),
               outcome.node.is_none() ? "" : ", node ",
               outcome.node.is_none() ? "" : describe(outcome.node).c_str(),
               is_retryable(outcome.code) ? ", may be tried again" : "");
}

/// Calls a built-in function of the node and gives its document.
int fetch(const ClientFlags& flags, const char* verb, const char* function, json::value& document) {
  int code = exit_ok;
  const auto connection = connect(flags, verb, 1, code);
  if (!connection) return code;
  runtime::CallRequest request;
  request.selector.name = function;
  request.timeout = timeout_of(flags);
  request.is_idempotent = true;
  request.payload = Bytes::copy_of("null");
  const runtime::Outcome outcome = connection->call(std::move(request));
  if (outcome.code != Errc::ok) {
    print_outcome(verb, outcome, flags.is_json);
    return exit_failed;
  }
  boost::system::error_code error;
  document = json::parse(outcome.payload.text(), error);
  if (!error) return exit_ok;
  std::fprintf(stderr, "mpreg %s: the node's answer is no JSON\n", verb);
  return exit_failed;
}

std::string text_of(const json::value& value) {
  if (value.is_string()) return std::string(value.as_string());
  return json::serialize(value);
}

/// Rows in columns as wide as their widest cell.
void print_table(const std::vector<std::vector<std::string>>& rows) {
  std::vector<std::size_t> widths;
  for (const auto& row : rows)
    for (std::size_t i = 0; i < row.size(); ++i) {
      if (widths.size() <= i) widths.push_back(0);
      widths[i] = std::max(widths[i], row[i].size());
    }
  for (const auto& row : rows) {
    std::string line;
    for (std::size_t i = 0; i < row.size(); ++i) {
      line += row[i];
      if (i + 1 < row.size()) line.append(widths[i] - row[i].size() + 2, ' ');
    }
    std::printf("%s\n", line.c_str());
  }
}

std::string list_of(const json::value& values, const char* field = nullptr) {
  std::string text;
  for (const json::value& value : values.as_array()) {
    if (!text.empty()) text += ",";
    text += text_of(field == nullptr ? value : value.as_object().at(field));
  }
  return text.empty() ? "-" : text;
}

}  // namespace

int run_call(const CallFlags& flags) {
  if (flags.content_type == "application/json") {
    boost::system::error_code error;
    json::parse(flags.arguments, error);
    if (error) {
      std::fprintf(stderr, "mpreg call: the arguments are no JSON: %s: %s\n",
                   printable(flags.arguments).c_str(), error.message().c_str());
      return exit_usage;
    }
  }
  int code = exit_ok;
  const auto connection = connect(flags.client, "call", 1, code);
  if (!connection) return code;
  runtime::CallRequest request;
  request.selector.name = flags.function;
  request.selector.function_id = flags.function_id;
  request.selector.constraint = flags.constraint;
  request.selector.resources = flags.resources;
  if (!flags.target_cluster.empty()) request.selector.cluster = cluster_id_of(flags.target_cluster);
  if (!flags.target_node.empty()) request.selector.node = node_id_of(flags.target_node);
  request.timeout = timeout_of(flags.client);
  request.is_idempotent = flags.is_idempotent;
  request.content_type = flags.content_type;
  request.payload = Bytes::copy_of(flags.arguments);
  const runtime::Outcome outcome = connection->call(std::move(request));
  print_outcome("call", outcome, flags.client.is_json);
  return outcome.code == Errc::ok ? exit_ok : exit_failed;
}

int run_peers(const ClientFlags& flags) {
  json::value document;
  if (const int code = fetch(flags, "peers", "list_peers", document); code != exit_ok) return code;
  if (flags.is_json) {
    std::printf("%s\n", json::serialize(document).c_str());
    return exit_ok;
  }
  std::vector<std::vector<std::string>> rows{{"NAME", "STATE", "ADDRESSES", "FUNCTIONS"}};
  for (const json::value& peer : document.as_array()) {
    const json::object& fields = peer.as_object();
    rows.push_back({text_of(fields.at("name")), text_of(fields.at("state")),
                    list_of(fields.at("addresses")), list_of(fields.at("functions"), "name")});
  }
  print_table(rows);
  return exit_ok;
}

int run_catalog(const ClientFlags& flags) {
  json::value document;
  if (const int code = fetch(flags, "catalog", "mpreg.catalog", document); code != exit_ok)
    return code;
  if (flags.is_json) {
    std::printf("%s\n", json::serialize(document).c_str());
    return exit_ok;
  }
  std::vector<std::vector<std::string>> rows{{"FUNCTION", "ID", "VERSION", "RESOURCES", "OWNER"}};
  for (const json::value& entry : document.as_object().at("functions").as_array()) {
    const json::object& function = entry.as_object().at("function").as_object();
    rows.push_back({text_of(function.at("name")), text_of(function.at("id")),
                    text_of(function.at("version")), list_of(function.at("resources")),
                    text_of(entry.as_object().at("owner"))});
  }
  print_table(rows);
  return exit_ok;
}

int run_status(const ClientFlags& flags) {
  json::value document;
  if (const int code = fetch(flags, "status", "mpreg.status", document); code != exit_ok)
    return code;
  if (flags.is_json) {
    std::printf("%s\n", json::serialize(document).c_str());
    return exit_ok;
  }
  std::vector<std::vector<std::string>> rows;
  for (const auto& field : document.as_object())
    rows.push_back({std::string(field.key()), text_of(field.value())});
  print_table(rows);
  return exit_ok;
}

}  // namespace mpreg::node
