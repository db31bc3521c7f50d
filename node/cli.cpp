// The one unit that compiles CLI11: parses, then hands plain structs on.
#include <cstdio>
#include <exception>

#include <CLI/CLI.hpp>

#include "engine/base/limits.hpp"
#include "engine/runtime/recording.hpp"
#include "engine/wire/session_messages.hpp"
#include "node/build_id.hpp"
#include "node/cli_options.hpp"
#include "node/cli_sim.hpp"
#include "node/exit_code.hpp"
#include "node/lab/diff.hpp"
#include "node/lab/explain.hpp"
#include "node/lab/shrinking.hpp"
#include "node/lab/sweep.hpp"
#include "node/lab/time_travel.hpp"
#include "node/replay/replaying.hpp"

namespace mpreg::node {
namespace {

/// An option that may be repeated and takes one value each time: it must not eat the positional
/// words that follow.
template <class Values>
CLI::Option& add_list(CLI::App& verb, const std::string& name, Values& values,
                      const std::string& purpose) {
  return *verb.add_option(name, values, purpose)->allow_extra_args(false);
}

void add_client_flags(CLI::App& verb, ClientFlags& flags) {
  add_list(verb, "--node,-n", flags.nodes,
           "Address of a node: host:port or unix:/path (also MPREG_NODE)");
  verb.add_option("--cluster", flags.cluster, "Name of the cluster")->capture_default_str();
  verb.add_option("--key-file", flags.key_file, "File that holds the cluster key");
  verb.add_option("--timeout", flags.timeout, "For connecting and for the call")
      ->capture_default_str();
  verb.add_flag("--json", flags.is_json, "Data as JSON on stdout");
}

/// One verb, and what runs it with the flags that were parsed.
struct Verb {
  const char* name;
  std::function<int()> run;
};

void add_node(CLI::App& app, NodeFlags& flags) {
  CLI::App& verb = *app.add_subcommand("node", "Runs a node until SIGTERM");
  verb.add_option("--config,-c", flags.config_file, "TOML file");
  add_list(verb, "--set", flags.settings, "key=value; wins over file and environment");
  verb.add_option("--name", flags.name, "node.name");
  add_list(verb, "--listen", flags.listen, "listen.addresses; port 0 lets the system choose");
  add_list(verb, "--join", flags.join, "join.seeds");
  verb.add_option("--record", flags.record_dir, "record.dir: records every input");
  verb.add_flag("--json", flags.is_json, "The ready line as JSON");
}

void add_call(CLI::App& app, CallFlags& flags) {
  CLI::App& verb = *app.add_subcommand("call", "Calls a function");
  verb.add_option("function", flags.function, "Name of the function")->required();
  verb.add_option("arguments", flags.arguments,
                  "Payload; JSON unless --content-type says otherwise")
      ->capture_default_str();
  verb.add_option("--id", flags.function_id, "Function id");
  verb.add_option("--constraint", flags.constraint, "Versions, such as \"^1.2 || >=3, <4\"");
  add_list(verb, "--resource", flags.resources, "Needed with the function; repeatable");
  verb.add_option("--target-cluster", flags.target_cluster, "Name of the cluster to execute in");
  verb.add_option("--target-node", flags.target_node, "Name of the node to execute at");
  verb.add_option("--content-type", flags.content_type, "Of the payload")->capture_default_str();
  verb.add_flag("--idempotent", flags.is_idempotent, "May be executed again after a failure");
  add_client_flags(verb, flags.client);
}

void add_kv(CLI::App& app, KvFlags& flags) {
  CLI::App& kv = *app.add_subcommand("kv", "The replicated key-value store of a consensus group");
  kv.require_subcommand(1);
  const auto add = [&](const char* name, const char* purpose) -> CLI::App& {
    CLI::App& verb = *kv.add_subcommand(name, purpose);
    verb.add_option("--group,-g", flags.group, "Its name, as in raft.groups")->required();
    add_client_flags(verb, flags.client);
    return verb;
  };
  const auto add_key = [&](CLI::App& verb) {
    verb.add_option("key", flags.key, "1 to " + std::to_string(limits::kv_key_bytes_max) + " bytes")
        ->required();
  };
  const auto add_value = [&](CLI::App& verb) {
    verb.add_option("value", flags.value,
                    "At most " + std::to_string(limits::kv_value_bytes_max) + " bytes")
        ->required();
  };
  add_key(add("get", "Prints the value of a key"));
  CLI::App& put = add("put", "Sets a key");
  add_key(put);
  add_value(put);
  CLI::App& cas = add("cas", "Sets a key if its present value is the expected one");
  add_key(cas);
  add_value(cas);
  CLI::Option_group& present = *cas.add_option_group("present");
  present.add_option("--expect", flags.expected, "The present value");
  present.add_flag("--absent", flags.is_absent_expected, "The key has no value");
  present.require_option(1);
  add_key(add("delete", "Removes a key"));
  add("status", "Shows what each member knows");
}

void add_worker(CLI::App& app, WorkerFlags& flags) {
  CLI::App& verb = *app.add_subcommand("worker", "Serves demo functions until SIGTERM");
  add_list(verb, "--function,-f", flags.functions,
           "add, multiply, sleep, fail, sha256; default: all");
  verb.add_option("--function-version", flags.version, "Version to serve as")
      ->capture_default_str();
  add_list(verb, "--resource", flags.resources, "Tag of the functions; repeatable");
  verb.add_option("--threads", flags.threads, "Calls executed at once")
      ->check(CLI::Range(1, 256))
      ->capture_default_str();
  add_client_flags(verb, flags.client);
}

/// What the verbs of the simulator were told.
struct SimFlags {
  std::uint64_t seed = 0;
  CLI::Option* has_seed = nullptr;
  SimRunOptions run;
  SimReplayOptions replay;
  SimCheckOptions check;
  bool is_swarm = false;
  SweepOptions sweep;
  ShrinkOptions shrink;
  SimDiffOptions diff;
  std::uint64_t turn = 0;
  CLI::Option* has_turn = nullptr;
  UntilOptions until;
  BranchOptions branch;
  CLI::Option* has_report_seed = nullptr;
  ReportOptions report;
  CLI::Option* has_export_seed = nullptr;
  ExportOptions exported;
};

void add_sim_run(CLI::App& sim, SimFlags& flags) {
  CLI::App& run = *sim.add_subcommand("run", "Runs one scenario");
  run.add_option("plan", flags.run.plan_path, "A .scn file, or an artifact")->required();
  flags.has_seed = run.add_option("--seed", flags.seed, "Of every random draw of the run");
  add_list(run, "--set", flags.run.settings, "key=value; overrides the plan's settings");
  run.add_flag("--json", flags.run.is_json, "One JSON document on stdout");
  run.add_option("--trace", flags.run.trace_path, "Writes every turn as text to this file");
  run.add_option("--history", flags.run.history_path,
                 "Writes what clients did and saw: EDN to *.edn, else JSON lines");
  run.add_option("--artifact", flags.run.artifact_path, "Writes the run for mpreg sim replay");
}

void add_sim_replay(CLI::App& sim, SimFlags& flags) {
  CLI::App& replay = *sim.add_subcommand("replay", "Runs what an artifact holds once more");
  replay.add_option("artifact", flags.replay.artifact_path, "What --artifact wrote")->required();
  replay.add_flag("--json", flags.replay.is_json, "One JSON document on stdout");
  replay.add_option("--trace", flags.replay.trace_path, "Writes every turn as text to this file");
}

void add_sim_check(CLI::App& sim, SimCheckOptions& to) {
  CLI::App& check = *sim.add_subcommand("check", "Judges a history: is it linearizable?");
  check.add_option("history", to.history_path, "JSON lines, as --history writes them")->required();
  check.add_option("--model", to.model, "register or counter")->capture_default_str();
  check.add_flag("--json", to.is_json, "One JSON document on stdout");
}

void add_sim_sweep(CLI::App& sim, SimFlags& flags) {
  SweepOptions& to = flags.sweep;
  CLI::App& sweep = *sim.add_subcommand("sweep", "Runs a plan, or drawn ones, with many seeds");
  CLI::Option* const plan = sweep.add_option("plan", to.plan_path, "A .scn file, or an artifact");
  sweep.add_flag("--swarm", flags.is_swarm, "Every seed draws a plan of its own")->excludes(plan);
  sweep
      .add_flag("--guided", to.is_guided,
                "Half of the drawn plans are mutants of such as reached something new")
      ->excludes(plan);
  sweep.add_option("--seeds", to.seeds, "A..B")->capture_default_str();
  sweep.add_option("--nodes", to.nodes, "How many nodes the swarm draws")->capture_default_str();
  sweep.add_option("--jobs,-j", to.jobs, "Runs at once; default: one a core")
      ->check(CLI::Range(1, 1'024));
  sweep.add_option("--time", to.time, "No run begins later, such as 10m");
  sweep.add_option("--limit", to.limit, "Of wall time for one run")->capture_default_str();
  sweep.add_option("--failures", to.failures, "No run begins after so many failed");
  add_list(sweep, "--set", to.settings, "key=value; overrides the plan's settings");
  sweep.add_option("--artifacts", to.artifacts, "Folder for failing runs")->capture_default_str();
  sweep.add_flag("--json", to.is_json, "One JSON document on stdout");
}

void add_sim_shrink(CLI::App& sim, ShrinkOptions& to) {
  CLI::App& shrink = *sim.add_subcommand("shrink", "Makes a failing plan small");
  shrink.add_option("artifact", to.artifact_path, "An artifact, or a plan that fails")->required();
  shrink.add_option("--output,-o", to.output_path, "The small one; default: beside it, .min.scn");
  shrink.add_option("--check", to.check, "Which violation must remain; default: the first");
  shrink.add_option("--jobs,-j", to.jobs, "Runs at once; default: one a core")
      ->check(CLI::Range(1, 1'024));
  shrink.add_option("--time", to.time, "No candidate is tried later")->capture_default_str();
  shrink.add_flag("--json", to.is_json, "One JSON document on stdout");
}

void add_sim_diff(CLI::App& sim, SimDiffOptions& to) {
  CLI::App& diff = *sim.add_subcommand("diff", "Shows the first turn in which two runs part");
  diff.add_option("first", to.first_path, "An artifact or a plan")->required();
  diff.add_option("second", to.second_path, "An artifact or a plan")->required();
  diff.add_option("--context", to.context, "Equal turns before it")->capture_default_str();
  diff.add_flag("--ignore-causes", to.is_ignoring_causes, "Causal names do not count");
  diff.add_flag("--json", to.is_json, "One JSON document on stdout");
}

void add_sim_until(CLI::App& sim, SimFlags& flags) {
  CLI::App& until = *sim.add_subcommand("until", "Shows the state of nodes at moments, as JSON");
  until.add_option("plan", flags.until.plan_path, "A .scn file, or an artifact")->required();
  CLI::Option& at = add_list(until, "--at", flags.until.moments, "Such as 61.5s; repeatable");
  flags.has_turn = until.add_option("--turn", flags.turn, "After so many turns")->excludes(&at);
  add_list(until, "--node", flags.until.nodes, "Such as n3; repeatable; default: all");
}

void add_sim_branch(CLI::App& sim, BranchOptions& to) {
  CLI::App& branch =
      *sim.add_subcommand("branch", "Many futures from moments: where it was decided");
  branch.add_option("plan", to.plan_path, "An artifact, or a .scn file")->required();
  add_list(branch, "--at", to.moments, "Where futures begin; repeatable; default: ten moments");
  branch.add_option("--futures", to.futures, "From each moment")
      ->check(CLI::Range(1, 100'000))
      ->capture_default_str();
  branch.add_option("--jobs,-j", to.jobs, "Runs at once; default: one a core")
      ->check(CLI::Range(1, 1'024));
  branch.add_option("--check", to.check, "Which violation counts; default: any");
  branch.add_flag("--json", to.is_json, "One JSON document on stdout");
}

/// Which run is explained.
CLI::Option& add_explained(CLI::App& verb, std::uint64_t& seed, ExplainedRun& run) {
  verb.add_option("plan", run.plan_path, "An artifact, or a .scn file")->required();
  add_list(verb, "--set", run.settings, "key=value; overrides the plan's settings");
  verb.add_option("--messages", run.messages, "So many are kept one by one")->capture_default_str();
  verb.add_option("--around", run.around,
                  "Those near this moment; default: the first violation, else the middle");
  return *verb.add_option("--seed", seed, "Of every random draw of the run");
}

void add_sim_report(CLI::App& sim, SimFlags& flags) {
  ReportOptions& to = flags.report;
  CLI::App& report = *sim.add_subcommand("report", "One page that explains a run");
  flags.has_report_seed = &add_explained(report, flags.seed, to.run);
  report.add_option("--output,-o", to.output_path, "Default: beside the plan, .html");
  report.add_option("--tries", to.tries, "Runs, to find the nearest one that passes")
      ->check(CLI::Range(0, 10'000))
      ->capture_default_str();
  report.add_option("--time", to.time, "No try begins later")->capture_default_str();
  report.add_option("--jobs,-j", to.jobs, "Runs at once; default: one a core")
      ->check(CLI::Range(1, 1'024));
  report.add_flag("--json", to.is_json, "One JSON document on stdout");
}

void add_sim_export(CLI::App& sim, SimFlags& flags) {
  ExportOptions& to = flags.exported;
  CLI::App& verb = *sim.add_subcommand("export", "A run in the format of another tool");
  flags.has_export_seed = &add_explained(verb, flags.seed, to.run);
  verb.add_option("--format,-f", to.format, "perfetto, shiviz, pcapng or graphviz")->required();
  verb.add_option("--output,-o", to.output_path, "Default: beside the plan; - is stdout");
  verb.add_option("--at", to.at, "Of graphviz; default: the first violation, else the end");
}

void add_sim(CLI::App& app, SimFlags& flags) {
  CLI::App& sim = *app.add_subcommand("sim", "The simulator");
  sim.require_subcommand(1);
  add_sim_run(sim, flags);
  add_sim_replay(sim, flags);
  add_sim_check(sim, flags.check);
  add_sim_sweep(sim, flags);
  add_sim_shrink(sim, flags.shrink);
  add_sim_diff(sim, flags.diff);
  add_sim_until(sim, flags);
  add_sim_branch(sim, flags.branch);
  add_sim_report(sim, flags);
  add_sim_export(sim, flags);
}

int run_sim(const CLI::App& app, SimFlags& flags) {
  const CLI::App& sim = *app.get_subcommand("sim");
  if (flags.has_seed->count() > 0) flags.run.seed = flags.seed;
  if (sim.got_subcommand("sweep")) {
    if (flags.is_swarm || !flags.sweep.plan_path.empty())
      return sim_sweep(flags.sweep, stdout, stderr);
    std::fprintf(stderr, "mpreg sim sweep: expected a plan or --swarm\n");
    return exit_usage;
  }
  if (sim.got_subcommand("until")) {
    if (flags.has_turn->count() > 0) flags.until.turn = flags.turn;
    if (flags.until.turn || !flags.until.moments.empty())
      return sim_until(flags.until, stdout, stderr);
    std::fprintf(stderr, "mpreg sim until: expected --at or --turn\n");
    return exit_usage;
  }
  if (sim.got_subcommand("report")) {
    if (flags.has_report_seed->count() > 0) flags.report.run.seed = flags.seed;
    return sim_report(flags.report, stdout, stderr);
  }
  if (sim.got_subcommand("export")) {
    if (flags.has_export_seed->count() > 0) flags.exported.run.seed = flags.seed;
    return sim_export(flags.exported, stdout, stderr);
  }
  if (sim.got_subcommand("branch")) return sim_branch(flags.branch, stdout, stderr);
  if (sim.got_subcommand("shrink")) return sim_shrink(flags.shrink, stdout, stderr);
  if (sim.got_subcommand("check")) return sim_check(flags.check, stdout, stderr);
  if (sim.got_subcommand("diff")) return sim_diff(flags.diff, stdout, stderr);
  if (sim.got_subcommand("replay")) return sim_replay(flags.replay, stdout, stderr);
  return sim_run(flags.run, stdout, stderr);
}

/// What `mpreg replay` and its verbs were told.
struct ReplayCommand {
  ReplayFlags whole;
  TurnsOptions turns;
  ReplayUntilOptions until;
  std::uint64_t turn = 0;
  CLI::Option* has_turn = nullptr;
  ReplayPlanOptions plan;
  ReplayExportOptions exported;
};

/// Which life of which directory.
void add_recording(CLI::App& verb, std::string& directory, std::uint32_t& life) {
  verb.add_option("directory", directory, "What mpreg node --record wrote");  // required below
  verb.add_option("--life", life, "Which start of the node; default: the last one");
}

void add_replay_until(CLI::App& replay, ReplayCommand& command) {
  CLI::App& until = *replay.add_subcommand("until", "What the node knew at moments, as JSON");
  add_recording(until, command.until.directory, command.until.life);
  CLI::Option& at = add_list(until, "--at", command.until.moments,
                             "On the node's clock, such as 61.5s; repeatable");
  command.has_turn = until.add_option("--turn", command.turn, "After this turn")->excludes(&at);
}

void add_replay_plan(CLI::App& replay, ReplayPlanOptions& to) {
  CLI::App& plan = *replay.add_subcommand("plan", "A plan for mpreg sim run, from recordings");
  plan.add_option("directories", to.directories, "What the nodes of a cluster recorded, one each")
      ->required();
  plan.add_option("--output,-o", to.output_path, "A .scn file; default: stdout");
}

void add_replay_export(CLI::App& replay, ReplayExportOptions& to) {
  CLI::App& verb = *replay.add_subcommand("export", "Recordings in the format of another tool");
  verb.add_option("directories", to.directories, "What the nodes of a cluster recorded, one each")
      ->required();
  verb.add_option("--format,-f", to.format, "perfetto, shiviz, pcapng or graphviz")->required();
  verb.add_option("--output,-o", to.output_path, "Default: beside the first; - is stdout");
  verb.add_option("--at", to.at, "Of graphviz; default: the end");
  verb.add_option("--messages", to.messages, "So many are kept, the last ones")
      ->check(CLI::Range(4, 100'000'000))
      ->capture_default_str();
}

void add_replay(CLI::App& app, ReplayCommand& command) {
  CLI::App& verb = *app.add_subcommand("replay", "Runs a node again from its recording");
  verb.require_subcommand(0, 1);
  add_recording(verb, command.whole.directory, command.whole.life);
  verb.add_option("--trace", command.whole.trace_path, "Writes every turn as text to this file");
  verb.add_option("--turns", command.turns.turns, "Shows these turns: A..B, or N");
  verb.add_option("--between", command.turns.between,
                  "Shows the turns of this span of the node's clock: 12s..14s, or from 12s on");
  verb.add_option("--grep", command.turns.text, "Shows the turns in which this text stands");
  verb.add_flag("--json", command.whole.is_json, "The outcome, or each turn, as JSON");
  add_replay_until(verb, command);
  add_replay_plan(verb, command.plan);
  add_replay_export(verb, command.exported);
}

int run_replay_verbs(const CLI::App& app, ReplayCommand& command) {
  const CLI::App& replay = *app.get_subcommand("replay");
  if (replay.got_subcommand("export")) return replay_export(command.exported, stdout, stderr);
  if (replay.got_subcommand("plan")) return replay_plan(command.plan, stdout, stderr);
  const bool is_until = replay.got_subcommand("until");
  if ((is_until ? command.until.directory : command.whole.directory).empty())
    return complain_replay(stderr, is_until ? "replay until" : "replay",
                           {Errc::invalid_argument, "expected a recording directory"});
  if (is_until) {
    if (command.has_turn->count() > 0) command.until.turn = command.turn;
    if (command.until.turn || !command.until.moments.empty())
      return replay_until(command.until, stdout, stderr);
    return complain_replay(stderr, "replay until",
                           {Errc::invalid_argument, "expected --at or --turn"});
  }
  TurnsOptions& turns = command.turns;
  if (turns.turns.empty() && turns.between.empty() && turns.text.empty())
    return run_replay(command.whole);
  turns.directory = command.whole.directory;
  turns.life = command.whole.life;
  turns.is_json = command.whole.is_json;
  return replay_turns(turns, stdout, stderr);
}

void add_demo(CLI::App& app, DemoFlags& flags) {
  CLI::App& verb = *app.add_subcommand("demo", "A real cluster, a killed node, then the simulator");
  verb.add_option("--seed", flags.seed, "Of the simulation and of the order of calls")
      ->capture_default_str();
  verb.add_option("--calls", flags.calls, "Calls in flight")
      ->check(CLI::Range(1, 1'000'000))
      ->capture_default_str();
  verb.add_option("--scenario", flags.scenario, "The plan simulated")->capture_default_str();
  verb.add_flag("--json", flags.is_json, "The table as JSON");
}

void add_bench(CLI::App& app, BenchFlags& flags) {
  CLI::App& verb = *app.add_subcommand("bench", "Calls against a raw socket chain, paired");
  verb.add_option("--seconds", flags.seconds, "A case and repetition")
      ->check(CLI::Range(1, 600))
      ->capture_default_str();
  verb.add_option("--repetitions", flags.repetitions, "Of each pair; the median counts")
      ->check(CLI::Range(1, 100))
      ->capture_default_str();
  add_list(verb, "--window", flags.windows, "Calls in flight; repeatable");
  verb.add_option("--payload", flags.payload_bytes, "Bytes of a call")
      ->check(CLI::Range(1, 1'000'000))
      ->capture_default_str();
  verb.add_flag("--json", flags.is_json, "Figures as JSON");
}

void add_bench_peer(CLI::App& app, BenchPeerFlags& flags) {
  CLI::App& verb = *app.add_subcommand("bench-peer", "Part of mpreg bench");
  verb.group("");  // not for people
  verb.add_option("part", flags.part, "responder, relay or worker")->required();
  verb.add_option("--port", flags.port, "Of the responder");
  verb.add_option("--node", flags.node, "Of the worker");
}

void add_version(CLI::App& app, bool& is_json) {
  app.add_subcommand("version", "Prints the version")
      ->add_flag("--json", is_json, "Versions of program, protocol and recordings as JSON");
}

}  // namespace

int run_version(bool is_json) {
  if (!is_json) {
    std::printf("mpreg %s\n", MPREG_VERSION);
    return exit_ok;
  }
  std::printf("{\"version\":\"%s\",\"build\":\"%s\",\"protocol\":\"%u.%u\",\"recording\":%u}\n",
              MPREG_VERSION, std::string(build_id()).c_str(), wire::protocol_major,
              wire::protocol_minor, runtime::recording_version);
  return exit_ok;
}

int run_guarded(const std::string& verb, const std::function<int()>& run) {
  try {
    return run();
  } catch (const std::exception& error) {
    std::fprintf(stderr, "mpreg %s: something unexpected came up: %s\n", verb.c_str(),
                 error.what());
    return exit_failed;
  }
}

int run_cli(int argc, char** argv) {
  CLI::App app{"mpreg: one routing fabric for RPC, pub/sub, queues and cache"};
  app.require_subcommand(1);
  NodeFlags node;
  CallFlags call;
  KvFlags kv;
  WorkerFlags worker;
  ClientFlags peers;
  ClientFlags catalog;
  ClientFlags status;
  SimFlags sim;
  ReplayCommand replay;
  DemoFlags demo;
  BenchFlags bench;
  BenchPeerFlags bench_peer;
  add_node(app, node);
  add_call(app, call);
  add_kv(app, kv);
  add_worker(app, worker);
  add_client_flags(*app.add_subcommand("peers", "Members as a node sees them"), peers);
  add_client_flags(*app.add_subcommand("catalog", "Functions as a node sees them"), catalog);
  add_client_flags(*app.add_subcommand("status", "State and counters of a node"), status);
  add_sim(app, sim);
  add_replay(app, replay);
  add_demo(app, demo);
  add_bench(app, bench);
  add_bench_peer(app, bench_peer);
  bool is_json_version = false;
  add_version(app, is_json_version);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    const bool is_help = error.get_exit_code() == static_cast<int>(CLI::ExitCodes::Success);
    app.exit(error);
    return is_help ? exit_ok : exit_usage;
  }
  const Verb verbs[] = {
      {"node", [&] { return run_node(node); }},
      {"call", [&] { return run_call(call); }},
      {"kv",
       [&] { return run_kv(app.get_subcommand("kv")->get_subcommands().front()->get_name(), kv); }},
      {"worker", [&] { return run_worker(worker); }},
      {"peers", [&] { return run_peers(peers); }},
      {"catalog", [&] { return run_catalog(catalog); }},
      {"status", [&] { return run_status(status); }},
      {"sim", [&] { return run_sim(app, sim); }},
      {"replay", [&] { return run_replay_verbs(app, replay); }},
      {"demo", [&] { return run_demo(demo); }},
      {"bench", [&] { return run_bench(bench); }},
      {"bench-peer", [&] { return run_bench_peer(bench_peer); }},
      {"version", [&] { return run_version(is_json_version); }},
  };
  for (const Verb& verb : verbs)
    if (app.got_subcommand(verb.name)) return run_guarded(verb.name, verb.run);
  return exit_usage;
}

}  // namespace mpreg::node
