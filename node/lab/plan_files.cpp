#include "node/lab/plan_files.hpp"

#include <filesystem>
#include <fstream>
#include <iterator>

#include <unistd.h>

namespace mpreg::node {

Result<std::string> read_text(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::string text{std::istreambuf_iterator<char>(file), {}};
  if (!file) return fail(Errc::not_found, "cannot read " + path);
  return text;
}

Status write_text(const std::string& path, std::string_view text) {
  const std::filesystem::path target(path);
  std::error_code error;
  if (target.has_parent_path()) std::filesystem::create_directories(target.parent_path(), error);
  const std::string beside = path + "." + std::to_string(::getpid()) + ".part";
  std::ofstream file(beside, std::ios::binary | std::ios::trunc);
  file << text;
  file.close();
  if (file) std::filesystem::rename(beside, target, error);
  if (file && !error) return {};
  std::filesystem::remove(beside, error);
  return fail(Errc::unavailable, "cannot write " + path);
}

Result<PlanFile> load_plan(const std::string& path, const std::vector<std::string>& settings) {
  MPREG_TRY(const std::string text, read_text(path));
  const std::string name = std::filesystem::path(path).stem().string();
  PlanFile file;
  const auto in_file = [&path](const Error& error) {
    return fail(Errc::malformed, path + ":" + error.message);
  };
  if (sim::lab::is_artifact(text)) {
    auto artifact = sim::lab::parse_artifact(name, text);
    if (!artifact) return in_file(artifact.error());
    file.plan = artifact->plan;
    file.seed = artifact->seed;
    file.artifact = std::move(*artifact);
  } else {
    auto plan = sim::parse_plan(name, text);
    if (!plan) return in_file(plan.error());
    file.plan = std::move(*plan);
    file.seed = sim::seed_of(file.plan);
  }
  for (const std::string& setting : settings)
    if (const Status status = sim::override_plan(file.plan, setting); !status)
      return fail(Errc::invalid_argument, "--set: " + status.error().message);
  if (const auto scenario = sim::understand(file.plan, file.seed); !scenario)
    return in_file(scenario.error());
  return file;
}

std::string without_ending(const std::string& path) {
  return path.substr(0, path.size() - (path.ends_with(".scn") ? 4 : 0));
}

std::string quoted(const std::string& word) {
  const bool is_plain = !word.empty() && word.find_first_not_of(
                                             "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                             "0123456789_-./=:,%+@") == std::string::npos;
  if (is_plain) return word;
  std::string text = "'";
  for (const char c : word) text += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return text + "'";
}

}  // namespace mpreg::node
