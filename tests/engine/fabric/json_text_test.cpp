#include "engine/fabric/json_text.hpp"

#include <gtest/gtest.h>

namespace mpreg::fabric {
namespace {

TEST(JsonText, WritesNestedDocumentsWithCommasWhereTheyBelong) {
  JsonText json;
  json.begin_object().key("a").number(1).key("b").begin_list();
  json.text("x").flag(true).begin_object().end_object().end_list();
  json.key("c").texts({"p", "q"}).end_object();
  EXPECT_EQ(json.take(), R"({"a":1,"b":["x",true,{}],"c":["p","q"]})");
}

// Names come from other processes: none may break out of its quotes.
TEST(JsonText, EscapesWhatWouldEndAText) {
  JsonText json;
  json.text("a\"b\\c\n\x01");
  EXPECT_EQ(json.take(), R"("a\"b\\c\u000a\u0001")");
}

TEST(JsonText, BytesThatAreNoTextCannotSpoilTheDocument) {
  JsonText json;
  json.begin_list()
      .text("gr\xc3\xbc\xc3\x9f")
      .text(
          "a\xff"
          "b")
      .text("\xe2\x82")
      .text("\xc0\x80")
      .end_list();
  EXPECT_EQ(json.take(), "[\"gr\xc3\xbc\xc3\x9f\",\"a?b\",\"??\",\"??\"]");
}

}  // namespace
}  // namespace mpreg::fabric
