#include "node/config.hpp"

#include <algorithm>
#include <charconv>
#include <cstdlib>
#include <fstream>
#include <iterator>

#include <unistd.h>

#include "engine/base/text.hpp"
#include "engine/fabric/settings.hpp"
#include "net/address.hpp"
#include "net/sodium_crypto.hpp"
#include "node/log.hpp"

namespace mpreg::node {
namespace {

constexpr std::string_view log_levels[] = {"trace", "debug", "info", "warning", "error", "off"};

struct Setter {
  ProcessSetting about;
  bool (*set)(Config& config, std::string_view value);
};

std::vector<std::string> split(std::string_view text) {
  std::vector<std::string> parts;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find(','), text.size());
    if (end > 0) parts.emplace_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return parts;
}

template <class T>
bool number(std::string_view text, T& value, T min, T max) {
  T parsed = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), parsed);
  if (error != std::errc{} || end != text.data() + text.size()) return false;
  if (parsed < min || parsed > max) return false;
  value = parsed;
  return true;
}

bool is_level(std::string_view level) {
  return std::ranges::find(log_levels, level) != std::end(log_levels);
}

bool set_listen(Config& config, std::string_view value) {
  auto parts = split(value);
  if (parts.empty()) return false;
  for (const std::string& part : parts)
    if (!net::parse_address(part)) return false;
  config.listen = std::move(parts);
  return true;
}

bool is_scope(std::string_view scope) {
  const auto known = known_scopes();
  return std::ranges::find(known, scope) != known.end();
}

std::string scope_list() {
  std::string list;
  for (const std::string_view scope : known_scopes()) list += " " + std::string(scope);
  return list;
}

bool set_scopes(Config& config, std::string_view value) {
  auto parts = split(value);
  for (const std::string& part : parts) {
    const std::size_t equals = std::min(part.find('='), part.size());
    if (!is_scope(part.substr(0, equals))) return false;
    if (equals == part.size() || !is_level(part.substr(equals + 1))) return false;
  }
  config.log_scopes = std::move(parts);
  return true;
}

constexpr Setter setters[] = {
    {{"cluster.key", "Shared secret of the cluster.", "text of 16 to 64 bytes, or nothing"},
     [](Config& c, std::string_view v) {
       if (!v.empty() && (v.size() < 16 || v.size() > 64)) return false;
       c.key = v;
       return true;
     }},
    {{"cluster.key_file", "File that holds the cluster key.", "a path"},
     [](Config& c, std::string_view v) {
       c.key_file = v;
       return true;
     }},
    {{"host.threads", "Threads for user functions of this process.",
      "a whole number from 1 to 256"},
     [](Config& c, std::string_view v) {
       return number<std::uint32_t>(v, c.host_threads, 1, 256);
     }},
    {{"listen.addresses", "Where to accept links.",
      "a list of host:port, [v6]:port or unix:/path; port 0 lets the system choose"},
     set_listen},
    {{"log.level", "Least severity to log.", "trace, debug, info, warning, error or off"},
     [](Config& c, std::string_view v) {
       if (!is_level(v)) return false;
       c.log_level = v;
       return true;
     }},
    {{"log.scopes", "Severity of single scopes.",
      "a list of scope=level, such as membership=debug"},
     set_scopes},
    {{"node.drain_seconds", "Time for running calls after SIGTERM.",
      "a whole number from 0 to 3600"},
     [](Config& c, std::string_view v) {
       return number<std::uint32_t>(v, c.drain_seconds, 0, 3600);
     }},
    {{"record.bytes_max", "Size of a recording; the oldest segments go.",
      "a whole number from 65536 to 1099511627776"},
     [](Config& c, std::string_view v) {
       return number<std::uint64_t>(v, c.record_bytes_max, 65'536, 1'099'511'627'776);
     }},
    {{"record.dir", "Directory for the recording of inputs.", "a path, or nothing"},
     [](Config& c, std::string_view v) {
       c.record_dir = v;
       return true;
     }},
    {{"storage.dir", "Directory of the database.", "a path, or nothing"},
     [](Config& c, std::string_view v) {
       c.storage_dir = v;
       return true;
     }},
};

constexpr std::string_view variable_prefix = "MPREG_";
/// What clients read, in the same shell perhaps.
constexpr std::string_view client_variables[] = {"MPREG_NODE"};

std::string variable_of(std::string_view key) {
  std::string name(variable_prefix);
  for (const char c : key)
    name += c == '.' ? '_' : static_cast<char>(c >= 'a' && c <= 'z' ? c - 'a' + 'A' : c);
  return name;
}

}  // namespace

std::vector<ProcessSetting> process_settings() {
  std::vector<ProcessSetting> all;
  for (const Setter& setter : setters) all.push_back(setter.about);
  return all;
}

Status set(Config& config, std::string_view key, std::string_view value) {
  const auto found =
      std::ranges::find(setters, key, [](const Setter& setter) { return setter.about.key; });
  if (found == std::end(setters)) return fabric::set(config.engine, key, value);
  if (found->set(config, value)) return {};
  std::string why = std::string(key) + " = \"" + printable(value) + "\": expected " +
                    std::string(found->about.expected);
  if (found->set == set_scopes) why += "; scopes are" + scope_list();
  return fail(Errc::invalid_argument, std::move(why));
}

namespace {

/// The variables of every setting.
std::vector<std::string> variables() {
  std::vector<std::string> all;
  for (const fabric::Setting& setting : fabric::settings()) all.push_back(variable_of(setting.key));
  for (const Setter& setter : setters) all.push_back(variable_of(setter.about.key));
  std::ranges::sort(all);
  return all;
}

/// Refuses a variable that looks like a setting and is none: a misspelt one would go unnoticed.
/// Names those of its section, or all.
Status check_variable(std::string_view name, const std::vector<std::string>& known) {
  if (!name.starts_with(variable_prefix) || std::ranges::binary_search(known, name) ||
      std::ranges::find(client_variables, name) != std::end(client_variables))
    return {};
  const std::size_t end = name.find('_', variable_prefix.size());
  const std::string_view section = name.substr(0, end == name.npos ? end : end + 1);
  const auto is_near = [&](std::string_view one) { return one.starts_with(section); };
  const bool has_section = std::ranges::any_of(known, is_near);
  std::string list;
  for (const std::string& one : known)
    if (!has_section || is_near(one)) list += (list.empty() ? "" : ", ") + one;
  return fail(Errc::invalid_argument, printable(name) + ": no such setting; known: " + list);
}

Status check_variables() {
  const std::vector<std::string> known = variables();
  for (char** entry = environ; entry != nullptr && *entry != nullptr; ++entry) {
    const std::string_view text(*entry);
    MPREG_CHECK(check_variable(text.substr(0, text.find('=')), known));
  }
  return {};
}

}  // namespace

Status load_environment(Config& config) {
  MPREG_CHECK(check_variables());
  const auto load = [&config](std::string_view key) -> Status {
    const std::string name = variable_of(key);
    const char* value = std::getenv(name.c_str());
    if (value == nullptr) return {};
    const Status status = set(config, key, value);
    if (status) return {};
    return fail(status.error().code, name + ": " + status.error().message);
  };
  for (const fabric::Setting& setting : fabric::settings()) MPREG_CHECK(load(setting.key));
  for (const Setter& setter : setters) MPREG_CHECK(load(setter.about.key));
  if (const char* scopes = std::getenv("DEBUG_SCOPES")) {
    for (const std::string& scope : split(scopes)) {
      if (!is_scope(scope))
        return fail(Errc::invalid_argument, "DEBUG_SCOPES: no scope \"" + printable(scope) +
                                                "\"; scopes are" + scope_list());
      config.log_scopes.push_back(scope + "=debug");
    }
  }
  return {};
}

namespace {

/// What others are told to dial must be something that they can dial.
Status check_addresses(const Config& config) {
  for (const std::string& text : config.engine.addresses) {
    const auto address = net::parse_address(text);
    if (!address) return tl::unexpected<Error>(address.error());
    if (address->is_wildcard() || (!address->is_unix && address->port == 0))
      return fail(Errc::invalid_argument,
                  "node.addresses has \"" + text + "\": expected an address that others can dial");
  }
  for (const std::string& text : config.listen) {
    const auto address = net::parse_address(text);
    if (!address || !address->is_wildcard() || !config.engine.addresses.empty()) continue;
    return fail(Errc::invalid_argument,
                "listen.addresses has \"" + text +
                    "\", which nobody can dial; set node.addresses to where others reach this "
                    "node");
  }
  return {};
}

/// Nobody's: so a node without a name gets another id with each start, on any host.
std::string random_name() { return "node-" + hex(net::entropy64()).substr(0, 12); }

}  // namespace

Status finish(Config& config) {
  if (!config.key_file.empty()) {
    if (!config.key.empty())
      return fail(Errc::invalid_argument, "cluster.key and cluster.key_file are both set");
    std::ifstream file(config.key_file, std::ios::binary);
    if (!file)
      return fail(Errc::invalid_argument,
                  "cluster.key_file \"" + config.key_file + "\": cannot be read");
    std::string key((std::istreambuf_iterator<char>(file)), {});
    while (!key.empty() && (key.back() == '\n' || key.back() == '\r')) key.pop_back();
    const Status status = set(config, "cluster.key", key);
    if (!status || key.empty())
      return fail(Errc::invalid_argument, "cluster.key_file \"" + config.key_file + "\" holds " +
                                              std::to_string(key.size()) +
                                              " bytes; expected 16 to 64");
  }
  if (config.key.empty()) {
    for (const std::string& text : config.listen) {
      const auto address = net::parse_address(text);
      if (address && address->is_loopback()) continue;
      return fail(Errc::invalid_argument,
                  "listen.addresses has \"" + text +
                      "\", but without a cluster key a node binds to loopback only; set "
                      "cluster.key_file");
    }
  }
  MPREG_CHECK(check_addresses(config));
  config.engine.has_key = !config.key.empty();
  config.engine.is_durable = !config.storage_dir.empty();
  if (config.engine.name.empty()) {
    if (config.engine.is_durable)
      return fail(Errc::invalid_argument,
                  "storage.dir belongs to one node for good, and its id comes from its name; set "
                  "node.name");
    config.engine.name = random_name();
  }
  return config.engine.finish();
}

}  // namespace mpreg::node
