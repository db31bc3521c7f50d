// What the LMDB storage does beyond the contract of its port (storage_contract_test.cpp).
#include "node/lmdb_storage.hpp"

#include <sys/stat.h>

#include <gmock/gmock.h>

#include "tests/node/directory_fixture.hpp"

namespace mpreg::node {
namespace {

using ::testing::HasSubstr;

class LmdbFiles : public mpreg::testing::DirectoryTest {
 protected:
  static Result<std::unique_ptr<LmdbStorage>> open(const std::string& directory) {
    return LmdbStorage::open(
        directory, [](std::function<void()> work) { work(); }, [](Input) {});
  }
  static unsigned mode_of(const std::string& path) {
    struct stat status {};
    return ::stat(path.c_str(), &status) == 0 ? status.st_mode & 0777U : 0;
  }
};

TEST_F(LmdbFiles, ASecondOwnerIsRefusedAsLongAsTheFirstLives) {
  auto first = open(file("db"));
  ASSERT_TRUE(first) << first.error().message;
  const auto second = open(file("db"));
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().code, Errc::unavailable);
  EXPECT_THAT(second.error().message, HasSubstr("another process uses it"));
  first->reset();
  EXPECT_TRUE(open(file("db")));
}

TEST_F(LmdbFiles, OnlyTheOwnerMayReadThem) {
  const auto storage = open(file("db"));
  ASSERT_TRUE(storage);
  EXPECT_EQ(mode_of(file("db")), 0700U);
  for (const auto& entry : std::filesystem::directory_iterator(file("db")))
    EXPECT_EQ(mode_of(entry.path().string()), 0600U) << entry.path();
}

TEST_F(LmdbFiles, AnUnusablePlaceIsAnErrorThatNamesIt) {
  write("taken", "a file");
  const auto refused = open(file("taken"));
  ASSERT_FALSE(refused);
  EXPECT_THAT(refused.error().message, HasSubstr(file("taken")));
}

}  // namespace
}  // namespace mpreg::node
