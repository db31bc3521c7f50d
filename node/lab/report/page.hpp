#pragma once

#include <string_view>

/// The sources of the report page, embedded by CMake from the files of the same names beside this
/// one.
namespace mpreg::node {

/// With the marks <!--title-->, <!--style-->, <!--words-->, <!--data-->, <!--script-->.
[[nodiscard]] std::string_view page_html();
[[nodiscard]] std::string_view page_css();
[[nodiscard]] std::string_view page_js();

}  // namespace mpreg::node
