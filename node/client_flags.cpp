#include "node/client_flags.hpp"

#include <algorithm>
#include <cstdio>
#include <cstdlib>

#include "engine/base/semantic_version.hpp"
#include "engine/fabric/settings.hpp"
#include "node/config.hpp"
#include "node/exit_code.hpp"
#include "node/log.hpp"

namespace mpreg::node {
namespace {

Result<ConnectOptions> connect_options(const ClientFlags& flags) {
  ConnectOptions options;
  options.addresses = flags.nodes;
  if (options.addresses.empty()) {
    if (const char* node = std::getenv("MPREG_NODE")) options.addresses = {node};
  }
  if (options.addresses.empty())
    return fail(Errc::invalid_argument, "give the node with --node ADDRESS or MPREG_NODE");
  options.cluster = flags.cluster;
  if (!flags.key_file.empty()) {
    Config config;  // one way to read a key file
    MPREG_CHECK(set(config, "cluster.key_file", flags.key_file));
    MPREG_CHECK(finish(config));
    options.key = config.key;
  }
  MPREG_TRY([[maybe_unused]] const Duration timeout, fabric::parse_duration(flags.timeout));
  return options;
}

}  // namespace

std::unique_ptr<Connection> connect(const ClientFlags& flags, const char* verb, std::size_t threads,
                                    int& code) {
  start_logging("error", {});
  const auto say = [verb](const Error& error) {
    std::fprintf(stderr, "mpreg %s: %s\n", verb, error.message.c_str());
  };
  auto options = connect_options(flags);
  if (!options) {
    say(options.error());
    code = exit_usage;
    return nullptr;
  }
  options->name = std::string("mpreg-") + verb;
  options->host_threads = threads;
  auto connection = Connection::open(*options);
  if (!connection) {
    say(connection.error());
    code = exit_usage;
    return nullptr;
  }
  const Status connected = (*connection)->wait_connected(timeout_of(flags));
  if (!connected) {
    say(connected.error());
    code = exit_not_connected;
    return nullptr;
  }
  code = exit_ok;
  return std::move(*connection);
}

Duration timeout_of(const ClientFlags& flags) {
  return fabric::parse_duration(flags.timeout).value_or(seconds(5));
}

Result<wire::FunctionRecord> function_record(std::string name, std::string version,
                                             std::vector<std::string> resources) {
  MPREG_TRY(const SemanticVersion parsed, SemanticVersion::parse(version));
  wire::FunctionRecord function;
  function.function_id = name;
  function.name = std::move(name);
  function.version = describe(parsed);
  std::ranges::sort(resources);
  function.resources = std::move(resources);
  return function;
}

}  // namespace mpreg::node
