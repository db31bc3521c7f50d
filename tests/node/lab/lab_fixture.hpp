#pragma once

#include <cstdio>
#include <filesystem>
#include <fstream>
#include <functional>
#include <iterator>
#include <string>

#include <unistd.h>

#include <gtest/gtest.h>

namespace mpreg::node {

/// A folder of its own for each test, and the verbs of the laboratory called as functions.
class LabFixture : public ::testing::Test {
 protected:
  LabFixture() {
    std::string pattern = ::testing::TempDir() + "mpreg_lab_XXXXXX";
    folder_ = ::mkdtemp(pattern.data());
  }
  ~LabFixture() override { std::filesystem::remove_all(folder_); }

  [[nodiscard]] std::string path(const std::string& name) const { return folder_ + "/" + name; }
  [[nodiscard]] std::string write(const std::string& name, const std::string& text) const {
    std::ofstream(path(name)) << text;
    return path(name);
  }
  [[nodiscard]] static std::string read(const std::string& path) {
    std::ifstream file(path);
    return {std::istreambuf_iterator<char>(file), {}};
  }

  /// What a verb printed, and its exit code.
  struct Said {
    int code = 0;
    std::string out;
    std::string err;
  };
  [[nodiscard]] Said say(const std::function<int(std::FILE*, std::FILE*)>& verb) const {
    Said said;
    std::FILE* const out = std::fopen(path("out").c_str(), "w");
    std::FILE* const err = std::fopen(path("err").c_str(), "w");
    said.code = verb(out, err);
    std::fclose(out);
    std::fclose(err);
    said.out = read(path("out"));
    said.err = read(path("err"));
    return said;
  }

 private:
  std::string folder_;
};

}  // namespace mpreg::node
