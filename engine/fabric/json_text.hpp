#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace mpreg::fabric {

/// Writes one JSON document, compact, fields in the order written. Text must be UTF-8; bytes that
/// are not plain ASCII or well-formed are the caller's business, control characters are escaped.
class JsonText {
 public:
  JsonText& begin_object();
  JsonText& end_object();
  JsonText& begin_list();
  JsonText& end_list();
  JsonText& key(std::string_view name);
  JsonText& text(std::string_view value);
  JsonText& number(std::uint64_t value);
  JsonText& flag(bool value);
  JsonText& texts(const std::vector<std::string>& values);

  [[nodiscard]] std::string take() { return std::move(out_); }

 private:
  void separate();

  std::string out_;
  bool needs_comma_ = false;
};

}  // namespace mpreg::fabric
