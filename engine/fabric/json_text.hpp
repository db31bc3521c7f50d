#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace mpreg::fabric {

/// Writes one JSON document, compact, fields in the order written. Control characters are escaped;
/// bytes that are no UTF-8 become '?', so that a name from elsewhere cannot spoil the document.
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
