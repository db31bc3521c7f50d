#pragma once

#include <cstdio>

#include <boost/json/value.hpp>

namespace mpreg::node {

/// Prints a document as one line. Fractions are plain decimals ("40", "0.451"), with at most six
/// digits after the point, as people and line-based tools expect them.
void print_json(std::FILE* out, const boost::json::value& value);

}  // namespace mpreg::node
