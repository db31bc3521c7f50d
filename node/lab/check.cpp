#include <string>
#include <vector>

#include <boost/json.hpp>

#include "node/cli_sim.hpp"
#include "node/exit_code.hpp"
#include "node/json_line.hpp"
#include "node/lab/history_file.hpp"
#include "node/lab/plan_files.hpp"
#include "sim/history/linearizability.hpp"

namespace mpreg::node {
namespace {

namespace json = boost::json;
using Verdict = sim::Judgement::Verdict;

int complain(std::FILE* err, const std::string& why) {
  std::fprintf(err, "mpreg sim check: %s\n", why.c_str());
  return exit_usage;
}

void print(std::FILE* out, const sim::Judgement& judgement, const std::string& model,
           bool is_json) {
  if (is_json) {
    json::array window;
    for (const sim::Operation& operation : judgement.window)
      window.push_back(json::value(sim::describe(operation)));
    return print_json(out, json::object{{"verdict", name_of(judgement.verdict)},
                                        {"model", model},
                                        {"operations", judgement.operations},
                                        {"explored", judgement.explored},
                                        {"key", judgement.key},
                                        {"why", judgement.why},
                                        {"window", std::move(window)}});
  }
  std::fprintf(out, "%s: %zu operations of a %s\n", std::string(name_of(judgement.verdict)).c_str(),
               judgement.operations, model.c_str());
  if (!judgement.why.empty())
    std::fprintf(out, "  %s%s%s\n", judgement.key.c_str(), judgement.key.empty() ? "" : ": ",
                 judgement.why.c_str());
  if (!judgement.window.empty()) std::fprintf(out, "  these exclude each other:\n");
  for (const sim::Operation& operation : judgement.window)
    std::fprintf(out, "    %s\n", sim::describe(operation).c_str());
}

}  // namespace

int sim_check(const SimCheckOptions& options, std::FILE* out, std::FILE* err) {
  const auto model = sim::model_named(options.model);
  if (!model)
    return complain(err, "no model '" + options.model + "': expected register or counter");
  const auto text = read_text(options.history_path);
  if (!text) return complain(err, text.error().message);
  const auto history = parse_history(options.history_path, *text);
  if (!history) return complain(err, history.error().message);
  const auto judgement = sim::judge(*history, *model);
  if (!judgement) return complain(err, options.history_path + ": " + judgement.error().message);
  print(out, *judgement, options.model, options.is_json);
  return judgement->verdict == Verdict::linearizable ? exit_ok : exit_failed;
}

}  // namespace mpreg::node
