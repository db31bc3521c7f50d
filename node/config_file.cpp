// The one unit that compiles toml++.
#include <fstream>
#include <iterator>

#include <toml++/toml.h>

#include "engine/base/text.hpp"
#include "engine/fabric/settings.hpp"
#include "node/config.hpp"

namespace mpreg::node {
namespace {

/// A key and its value as text, or why the value has no text form here.
struct Leaf {
  std::string text;
  bool is_text = false;
  bool is_number = false;
  bool is_flag = false;
  bool is_list = false;
};

Result<Leaf> leaf_of(const toml::node& node) {
  Leaf leaf;
  if (const auto* text = node.as_string()) {
    leaf.text = text->get();
    leaf.is_text = true;
  } else if (const auto* number = node.as_integer()) {
    leaf.text = std::to_string(number->get());
    leaf.is_number = true;
  } else if (const auto* flag = node.as_boolean()) {
    leaf.text = flag->get() ? "true" : "false";
    leaf.is_flag = true;
  } else if (const auto* list = node.as_array()) {
    leaf.is_list = true;
    for (const toml::node& item : *list) {
      const auto* text_item = item.as_string();
      if (text_item == nullptr) return fail(Errc::invalid_argument, "a list of texts");
      if (text_item->get().find(',') != std::string::npos)
        return fail(Errc::invalid_argument, "a list of texts without commas");
      if (!leaf.text.empty()) leaf.text += ',';
      leaf.text += text_item->get();
    }
  } else {
    return fail(Errc::invalid_argument, "a text, whole number, true or false, or a list of texts");
  }
  return leaf;
}

/// Does the TOML type fit? A number in quotes or a bare text for a list would be guesswork.
bool fits(const Leaf& leaf, const fabric::Setting& setting) {
  if (std::holds_alternative<fabric::CountField>(setting.field)) return leaf.is_number;
  if (std::holds_alternative<fabric::FlagField>(setting.field)) return leaf.is_flag;
  if (std::holds_alternative<fabric::ListField>(setting.field)) return leaf.is_list;
  return leaf.is_text;
}

bool fits(const Leaf& leaf, const ProcessSetting& setting) {
  const std::string_view expected = setting.expected;
  if (expected.starts_with("a whole number")) return leaf.is_number;
  if (expected.starts_with("a list")) return leaf.is_list;
  return leaf.is_text;
}

class Loader {
 public:
  Loader(Config& config, const std::string& path) : config_(config), path_(path) {}

  Status table(const toml::table& table, const std::string& prefix) {
    for (const auto& [key, node] : table) {
      const std::string name = prefix + std::string(key.str());
      if (const auto* inner = node.as_table()) {
        MPREG_CHECK(this->table(*inner, name + "."));
      } else {
        MPREG_CHECK(leaf(name, node));
      }
    }
    return {};
  }

 private:
  Status leaf(const std::string& key, const toml::node& node) {
    const auto value = leaf_of(node);
    for (const fabric::Setting& setting : fabric::settings()) {
      if (setting.key != key) continue;
      if (!value || !fits(*value, setting)) return refuse(node, key, fabric::expected(setting));
      return place(node, set(config_, key, value->text));
    }
    for (const ProcessSetting& setting : process_settings()) {
      if (setting.key != key) continue;
      if (!value || !fits(*value, setting)) return refuse(node, key, std::string(setting.expected));
      return place(node, set(config_, key, value->text));
    }
    return fail(Errc::invalid_argument,
                where(node) + "unknown key \"" + printable(key) + "\"" + suggestion(key));
  }

  /// The keys of the same section, to choose from.
  static std::string suggestion(const std::string& key) {
    const std::string section = key.substr(0, key.find('.') + 1);
    std::string known;
    const auto offer = [&](std::string_view candidate) {
      if (!section.empty() && candidate.starts_with(section))
        known += (known.empty() ? "" : ", ") + std::string(candidate);
    };
    for (const fabric::Setting& setting : fabric::settings()) offer(setting.key);
    for (const ProcessSetting& setting : process_settings()) offer(setting.key);
    return known.empty() ? "; known sections: catalog, cluster, gossip, host, join, listen, log, "
                           "membership, node, record, rpc, session, storage"
                         : "; known: " + known;
  }

  [[nodiscard]] std::string where(const toml::node& node) const {
    return path_ + ":" + std::to_string(node.source().begin.line) + ": ";
  }
  Status refuse(const toml::node& node, const std::string& key, const std::string& expected) {
    return fail(Errc::invalid_argument, where(node) + key + ": expected " + expected);
  }
  Status place(const toml::node& node, const Status& status) {
    if (status) return {};
    return fail(status.error().code, where(node) + status.error().message);
  }

  Config& config_;
  const std::string& path_;
};

}  // namespace

Status load_file(Config& config, const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return fail(Errc::unavailable, path + ": cannot be read");
  const std::string text((std::istreambuf_iterator<char>(file)), {});
  toml::table table;
  try {
    table = toml::parse(text, path);
  } catch (const toml::parse_error& error) {
    return fail(Errc::invalid_argument, path + ":" + std::to_string(error.source().begin.line) +
                                            ":" + std::to_string(error.source().begin.column) +
                                            ": " + std::string(error.description()));
  }
  Config loaded = config;
  MPREG_CHECK(Loader(loaded, path).table(table, ""));
  config = std::move(loaded);
  return {};
}

}  // namespace mpreg::node
