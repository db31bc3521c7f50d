#include "node/json_line.hpp"

#include <array>
#include <cstdio>
#include <memory>
#include <string>

#include <boost/json.hpp>
#include <gtest/gtest.h>

namespace mpreg::node {
namespace {

std::string printed(const boost::json::value& value) {
  const std::unique_ptr<std::FILE, int (*)(std::FILE*)> file(std::tmpfile(), &std::fclose);
  print_json(file.get(), value);
  std::rewind(file.get());
  std::array<char, 512> line{};
  return std::fgets(line.data(), line.size(), file.get()) == nullptr ? "" : line.data();
}

// Scripts cut these lines apart: "4E1" is JSON, but not what they look for.
TEST(JsonLine, FractionsArePlainDecimals) {
  EXPECT_EQ(printed({40.0, 0.451, 1e-9, 123456.5}), "[40,0.451,0,123456.5]\n");
}

TEST(JsonLine, NestingAndEscapesAreThoseOfJson) {
  const boost::json::value value =
      boost::json::parse(R"({"a":[[1],[]],"b\"":{"c":null},"d":"x\n"})");
  EXPECT_EQ(printed(value), "{\"a\":[[1],[]],\"b\\\"\":{\"c\":null},\"d\":\"x\\n\"}\n");
}

}  // namespace
}  // namespace mpreg::node
