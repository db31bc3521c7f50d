#include "engine/base/text_list.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace mpreg {
namespace {

using ::testing::ElementsAre;

TEST(TextList, HoldsWhatItWasMadeOfInThatOrder) {
  const TextList list{"tcp://127.0.0.1:4101", "", "unix:/run/a"};
  EXPECT_EQ(list.size(), 3U);
  EXPECT_THAT(list, ElementsAre("tcp://127.0.0.1:4101", "", "unix:/run/a"));
  EXPECT_EQ(list.front(), "tcp://127.0.0.1:4101");
  EXPECT_EQ(list.to_vector(),
            (std::vector<std::string>{"tcp://127.0.0.1:4101", "", "unix:/run/a"}));
  EXPECT_EQ(list, TextList(list.to_vector()));
}

TEST(TextList, IsEmptyWithoutTexts) {
  EXPECT_TRUE(TextList().empty());
  EXPECT_EQ(TextList(), TextList(std::vector<std::string>{}));
  EXPECT_THAT(TextList().to_vector(), ElementsAre());
}

// The codec hands texts on as they lie here, and Cap'n Proto wants a NUL behind each.
TEST(TextList, PutsANulBehindEachText) {
  const TextList list{"a", "bc"};
  EXPECT_EQ(*(list[0].data() + 1), '\0');
  EXPECT_EQ(*(list[1].data() + 2), '\0');
}

TEST(TextList, KeepsTextsThatContainANul) {
  const std::string text("a\0b", 3);
  const TextList list{text, "c"};
  EXPECT_EQ(list[0], text);
  EXPECT_EQ(list[1], "c");
}

TEST(TextList, OutlivesWhatItWasCopiedFrom) {
  TextList copy;
  {
    const TextList list{"gone"};
    copy = list;
  }
  EXPECT_THAT(copy, ElementsAre("gone"));
}

// Of two claims about a member the greater one is kept: the order must be that of vectors.
TEST(TextList, IsOrderedAsVectorsOfStringsAre) {
  const std::vector<std::vector<std::string>> rising = {{},        {""},       {"", "z"}, {"a"},
                                                        {"a", ""}, {"a", "b"}, {"ab"},    {"b"}};
  for (std::size_t i = 0; i < rising.size(); ++i)
    for (std::size_t j = 0; j < rising.size(); ++j) {
      EXPECT_EQ(TextList(rising[i]) <=> TextList(rising[j]), i <=> j);
      EXPECT_EQ(TextList(rising[i]) == TextList(rising[j]), i == j);
    }
}

}  // namespace
}  // namespace mpreg
