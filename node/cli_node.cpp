#include <cstdio>

#include <boost/asio/post.hpp>
#include <boost/json.hpp>

#include "engine/base/text.hpp"
#include "node/cli_options.hpp"
#include "node/config.hpp"
#include "node/exit_code.hpp"
#include "node/log.hpp"
#include "node/node.hpp"

namespace mpreg::node {
namespace {

std::string joined(const std::vector<std::string>& parts) {
  std::string text;
  for (const std::string& part : parts) text += (text.empty() ? "" : ",") + part;
  return text;
}

/// Defaults, then the file, then the environment, then the flags: the later wins.
Result<Config> load(const NodeFlags& flags) {
  Config config;
  if (!flags.config_file.empty()) MPREG_CHECK(load_file(config, flags.config_file));
  MPREG_CHECK(load_environment(config));
  if (!flags.name.empty()) MPREG_CHECK(set(config, "node.name", flags.name));
  if (!flags.listen.empty()) MPREG_CHECK(set(config, "listen.addresses", joined(flags.listen)));
  if (!flags.join.empty()) MPREG_CHECK(set(config, "join.seeds", joined(flags.join)));
  if (!flags.record_dir.empty()) MPREG_CHECK(set(config, "record.dir", flags.record_dir));
  for (const std::string& setting : flags.settings) {
    const std::size_t equals = setting.find('=');
    if (equals == std::string::npos)
      return fail(Errc::invalid_argument, "--set " + printable(setting) + ": expected key=value");
    const Status status =
        set(config, setting.substr(0, equals), std::string_view(setting).substr(equals + 1));
    if (!status) return fail(status.error().code, "--set " + status.error().message);
  }
  MPREG_CHECK(finish(config));
  return config;
}

void print_ready(const Node& node, bool is_json) {
  if (is_json) {
    boost::json::object ready;
    ready["ready"] = true;
    ready["name"] = node.name();
    ready["node"] = describe(node.id());
    ready["addresses"] = boost::json::value_from(node.addresses());
    std::printf("%s\n", boost::json::serialize(ready).c_str());
  } else {
    std::printf("ready %s %s\n", node.name().c_str(), joined(node.addresses()).c_str());
  }
  std::fflush(stdout);
}

}  // namespace

int run_node(const NodeFlags& flags) {
  const auto config = load(flags);
  if (!config) {
    std::fprintf(stderr, "mpreg node: %s\n", config.error().message.c_str());
    return exit_usage;
  }
  start_logging(config->log_level, config->log_scopes);
  const auto node = Node::make(*config);
  if (!node) {
    std::fprintf(stderr, "mpreg node: %s\n", node.error().message.c_str());
    return node.error().code == Errc::invalid_argument ? exit_usage : exit_failed;
  }
  (*node)->handle_signals();
  if ((*node)->run_until_ready()) print_ready(**node, flags.is_json);
  return (*node)->run();
}

}  // namespace mpreg::node
