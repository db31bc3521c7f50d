#include "engine/base/semantic_version.hpp"

#include <algorithm>
#include <array>
#include <iterator>
#include <utility>

#include "engine/base/text.hpp"

namespace mpreg {

namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_identifier_char(char c) {
  return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-';
}
bool is_numeric(std::string_view identifier) {
  return std::all_of(identifier.begin(), identifier.end(), is_digit);
}

/// Cuts the next dot-separated identifier off the front.
std::string_view take_identifier(std::string_view& rest) {
  const std::size_t dot = rest.find('.');
  const std::string_view identifier = rest.substr(0, dot);
  rest = dot == std::string_view::npos ? std::string_view{} : rest.substr(dot + 1);
  return identifier;
}

std::strong_ordering compare_identifiers(std::string_view a, std::string_view b) {
  const bool a_numeric = is_numeric(a);
  const bool b_numeric = is_numeric(b);
  if (a_numeric != b_numeric)
    return a_numeric ? std::strong_ordering::less : std::strong_ordering::greater;
  // Numbers have no leading zeros, so the longer one is the larger one.
  if (a_numeric && a.size() != b.size()) return a.size() <=> b.size();
  return a.compare(b) <=> 0;
}

std::strong_ordering compare_pre_releases(std::string_view a, std::string_view b) {
  if (a.empty() || b.empty()) return b.size() <=> a.size();  // a release comes last
  while (!a.empty() && !b.empty()) {
    const std::strong_ordering order = compare_identifiers(take_identifier(a), take_identifier(b));
    if (order != std::strong_ordering::equal) return order;
  }
  return a.size() <=> b.size();
}

/// A version as written, perhaps with parts missing or wild.
struct Partial {
  std::array<std::uint64_t, 3> numbers{};
  std::size_t written = 0;  ///< Parts given as numbers, before any wildcard.
  bool is_wild = false;
  std::string pre_release;
};

/// Reads a version at a position of a longer text and keeps the position for error messages.
class VersionReader {
 public:
  VersionReader(std::string_view text, std::size_t at, std::string_view what)
      : text_(text), at_(at), what_(what) {}

  [[nodiscard]] std::size_t position() const { return at_; }
  [[nodiscard]] bool is_at_end() const { return at_ == text_.size(); }
  [[nodiscard]] char peek() const { return is_at_end() ? '\0' : text_[at_]; }
  void skip() { ++at_; }
  void skip_spaces() {
    while (peek() == ' ' || peek() == '\t') skip();
  }

  [[nodiscard]] tl::unexpected<Error> expected(std::string_view wanted) const {
    std::string message{what_};
    message.append(" '").append(printable(text_)).append("': at ").append(std::to_string(at_));
    message.append(" expected ").append(wanted).append(", found ");
    if (is_at_end()) {
      message.append("the end");
    } else {
      message.append("'").append(printable(text_.substr(at_, 1))).append("'");
    }
    return fail(Errc::invalid_argument, std::move(message));
  }

  /// Parts, pre-release and build; stops at the first character that belongs to neither.
  Result<Partial> read(bool allows_wildcards) {
    if (peek() == 'v' || peek() == 'V') skip();
    Partial partial;
    for (std::size_t part = 0; part < 3; ++part) {
      if (part > 0) {
        if (peek() != '.') break;
        skip();
      }
      if (allows_wildcards && (peek() == 'x' || peek() == 'X' || peek() == '*')) {
        partial.is_wild = true;
        skip();
        continue;
      }
      if (partial.is_wild) return expected("'x' or '*' after a wildcard");
      MPREG_TRY(partial.numbers[part], read_number(allows_wildcards));
      ++partial.written;
    }
    if (peek() == '.') return expected("at most three numbers");
    if (peek() == '-') {
      if (partial.is_wild) return expected("no pre-release after a wildcard");
      skip();
      MPREG_TRY(partial.pre_release, read_identifiers(true));
    }
    if (peek() == '+') {
      if (partial.is_wild) return expected("no build metadata after a wildcard");
      skip();
      MPREG_CHECK(read_identifiers(false));
    }
    return partial;
  }

 private:
  Result<std::uint64_t> read_number(bool allows_wildcards) {
    if (!is_digit(peek())) return expected(allows_wildcards ? "a number, 'x' or '*'" : "a number");
    const bool is_zero = peek() == '0';
    std::uint64_t value = 0;
    while (is_digit(peek())) {
      value = value * 10 + static_cast<std::uint64_t>(peek() - '0');
      if (value > SemanticVersion::number_max) return expected("a number of at most 15 digits");
      skip();
      if (is_zero && is_digit(peek())) return expected("no digit after a leading zero");
    }
    return value;
  }

  /// Dot-separated identifiers; in a pre-release numeric ones have no leading zero.
  Result<std::string> read_identifiers(bool is_pre_release) {
    std::string all;
    for (std::size_t count = 1;; ++count) {
      const std::size_t start = at_;
      while (is_identifier_char(peek())) skip();
      const std::string_view identifier = text_.substr(start, at_ - start);
      if (identifier.empty()) return expected("a letter, digit or '-'");
      if (is_pre_release && identifier.size() > 1 && identifier[0] == '0' &&
          is_numeric(identifier)) {
        at_ = start;
        return expected("a number without leading zero");
      }
      all.append(identifier);
      if (peek() != '.') return all;
      if (count == SemanticVersion::identifiers_max) return expected("at most 16 identifiers");
      all.push_back('.');
      skip();
    }
  }

  std::string_view text_;
  std::size_t at_;
  std::string_view what_;
};

SemanticVersion version_of(const Partial& partial) {
  return {partial.numbers[0], partial.numbers[1], partial.numbers[2], partial.pre_release};
}

/// The first version whose part `part` is one larger, as a bound: no pre-release of it either.
SemanticVersion bound_above(const Partial& partial, std::size_t part, std::string pre_release) {
  Partial bound;
  for (std::size_t i = 0; i < part; ++i) bound.numbers[i] = partial.numbers[i];
  bound.numbers[part] = std::min(partial.numbers[part] + 1, SemanticVersion::number_max);
  bound.pre_release = std::move(pre_release);
  return version_of(bound);
}

std::string_view text_of(VersionConstraint::Relation relation) {
  switch (relation) {
    case VersionConstraint::Relation::less:
      return "<";
    case VersionConstraint::Relation::less_equal:
      return "<=";
    case VersionConstraint::Relation::equal:
      return "=";
    case VersionConstraint::Relation::greater_equal:
      return ">=";
    case VersionConstraint::Relation::greater:
      return ">";
  }
  return "?";
}

bool holds(const VersionConstraint::Comparator& comparator, const SemanticVersion& version) {
  const std::strong_ordering order = version <=> comparator.version;
  switch (comparator.relation) {
    case VersionConstraint::Relation::less:
      return order < 0;
    case VersionConstraint::Relation::less_equal:
      return order <= 0;
    case VersionConstraint::Relation::equal:
      return order == 0;
    case VersionConstraint::Relation::greater_equal:
      return order >= 0;
    case VersionConstraint::Relation::greater:
      return order > 0;
  }
  return false;
}

bool names_pre_release_of(const VersionConstraint::Comparator& comparator,
                          const SemanticVersion& version) {
  return comparator.version.is_pre_release() && comparator.version.major == version.major &&
         comparator.version.minor == version.minor && comparator.version.patch == version.patch;
}

}  // namespace

Result<SemanticVersion> SemanticVersion::parse(std::string_view text) {
  if (text.size() > text_bytes_max)
    return fail(Errc::too_large, "version: longer than " + std::to_string(text_bytes_max) +
                                     " bytes: '" + printable(text, 40) + "'");
  VersionReader reader(text, 0, "version");
  MPREG_TRY(const Partial partial, reader.read(false));
  if (!reader.is_at_end()) return reader.expected("the end of the version");
  return version_of(partial);
}

std::strong_ordering operator<=>(const SemanticVersion& a, const SemanticVersion& b) {
  if (a.major != b.major) return a.major <=> b.major;
  if (a.minor != b.minor) return a.minor <=> b.minor;
  if (a.patch != b.patch) return a.patch <=> b.patch;
  return compare_pre_releases(a.pre_release, b.pre_release);
}

std::string describe(const SemanticVersion& version) {
  std::string text = std::to_string(version.major);
  text.append(".").append(std::to_string(version.minor));
  text.append(".").append(std::to_string(version.patch));
  if (version.is_pre_release()) text.append("-").append(version.pre_release);
  return text;
}

/// Recursive descent over the grammar in the header; the result is kept multiplied out.
class ConstraintParser {
 public:
  using Comparator = VersionConstraint::Comparator;
  using Relation = VersionConstraint::Relation;
  using Alternatives = std::vector<std::vector<Comparator>>;

  explicit ConstraintParser(std::string_view text) : reader_(text, 0, "version constraint") {}

  Result<VersionConstraint> parse() {
    VersionConstraint constraint;
    reader_.skip_spaces();
    if (reader_.is_at_end()) return constraint;
    MPREG_TRY(constraint.alternatives_, parse_any(0));
    if (!reader_.is_at_end()) return reader_.expected("',' or '||' or the end");
    return constraint;
  }

 private:
  /// any := all ('||' all)*
  Result<Alternatives> parse_any(std::size_t depth) {
    MPREG_TRY(Alternatives any, parse_all(depth));
    while (reader_.peek() == '|') {
      reader_.skip();
      if (reader_.peek() != '|') return reader_.expected("a second '|'");
      reader_.skip();
      MPREG_TRY(Alternatives more, parse_all(depth));
      std::move(more.begin(), more.end(), std::back_inserter(any));
      MPREG_CHECK(check_size(any));
    }
    return any;
  }

  /// all := one (',' one)*
  Result<Alternatives> parse_all(std::size_t depth) {
    MPREG_TRY(Alternatives all, parse_one(depth));
    while (reader_.peek() == ',') {
      reader_.skip();
      MPREG_TRY(const Alternatives more, parse_one(depth));
      MPREG_TRY(all, multiply(all, more));
    }
    return all;
  }

  /// one := '(' any ')' | term, with spaces around.
  Result<Alternatives> parse_one(std::size_t depth) {
    reader_.skip_spaces();
    Alternatives one;
    if (reader_.peek() == '(') {
      if (depth == VersionConstraint::depth_max)
        return fail(Errc::too_large, "version constraint: parentheses nested deeper than " +
                                         std::to_string(VersionConstraint::depth_max));
      reader_.skip();
      MPREG_TRY(one, parse_any(depth + 1));
      if (reader_.peek() != ')') return reader_.expected("',' or '||' or ')'");
      reader_.skip();
    } else {
      MPREG_TRY(std::vector<Comparator> term, parse_term());
      one.push_back(std::move(term));
    }
    reader_.skip_spaces();
    return one;
  }

  Result<std::vector<Comparator>> parse_term() {
    const std::string operation = take_operator();
    reader_.skip_spaces();
    if (operation.empty() && reader_.is_at_end()) return reader_.expected("an operator or version");
    MPREG_TRY(const Partial partial, reader_.read(true));
    if (operation == "^") return caret(partial);
    if (operation == "~") return tilde(partial);
    if (operation == ">") return greater(partial);
    if (operation == ">=") return pair(Relation::greater_equal, version_of(partial));
    if (operation == "<") return less(partial);
    if (operation == "<=") return less_equal(partial);
    if (partial.is_wild) return within(partial);
    return pair(Relation::equal, version_of(partial));
  }

  std::string take_operator() {
    std::string operation;
    const char first = reader_.peek();
    if (first != '>' && first != '<' && first != '=' && first != '^' && first != '~')
      return operation;
    operation.push_back(first);
    reader_.skip();
    if (first != '^' && first != '~' && reader_.peek() == '=') {
      operation.push_back('=');
      reader_.skip();
    }
    return operation;
  }

  static std::vector<Comparator> pair(Relation relation, SemanticVersion version) {
    return {Comparator{relation, std::move(version)}};
  }
  static std::vector<Comparator> between(const Partial& from, SemanticVersion below) {
    return {Comparator{Relation::greater_equal, version_of(from)},
            Comparator{Relation::less, std::move(below)}};
  }
  /// Everything that shares the written parts.
  static std::vector<Comparator> within(const Partial& partial) {
    if (partial.written == 0) return pair(Relation::greater_equal, version_of(partial));
    return between(partial, bound_above(partial, partial.written - 1, "0"));
  }
  static std::vector<Comparator> caret(const Partial& partial) {
    if (partial.written == 0) return within(partial);
    std::size_t kept = 0;
    while (kept + 1 < partial.written && partial.numbers[kept] == 0) ++kept;
    return between(partial, bound_above(partial, kept, "0"));
  }
  static std::vector<Comparator> tilde(const Partial& partial) {
    if (partial.written == 0) return within(partial);
    return between(partial,
                   bound_above(partial, std::min<std::size_t>(partial.written, 2) - 1, "0"));
  }
  /// Above a wildcard means above all that it allows.
  static std::vector<Comparator> greater(const Partial& partial) {
    if (!partial.is_wild) return pair(Relation::greater, version_of(partial));
    if (partial.written == 0) return nothing();
    return pair(Relation::greater_equal, bound_above(partial, partial.written - 1, {}));
  }
  static std::vector<Comparator> less(const Partial& partial) {
    if (!partial.is_wild) return pair(Relation::less, version_of(partial));
    Partial bound = partial;
    bound.pre_release = "0";
    return pair(Relation::less, version_of(bound));
  }
  static std::vector<Comparator> less_equal(const Partial& partial) {
    if (!partial.is_wild) return pair(Relation::less_equal, version_of(partial));
    if (partial.written == 0) return within(partial);
    return pair(Relation::less, bound_above(partial, partial.written - 1, "0"));
  }
  static std::vector<Comparator> nothing() { return pair(Relation::less, {0, 0, 0, "0"}); }

  static Status check_size(const Alternatives& alternatives) {
    std::size_t count = 0;
    for (const std::vector<Comparator>& all : alternatives) count += all.size();
    if (count <= VersionConstraint::comparators_max) return {};
    return fail(Errc::too_large, "version constraint: more than " +
                                     std::to_string(VersionConstraint::comparators_max) +
                                     " comparators");
  }

  /// (a || b) , (c || d)  =  a,c || a,d || b,c || b,d
  static Result<Alternatives> multiply(const Alternatives& left, const Alternatives& right) {
    Alternatives product;
    for (const std::vector<Comparator>& a : left) {
      for (const std::vector<Comparator>& b : right) {
        std::vector<Comparator> both = a;
        both.insert(both.end(), b.begin(), b.end());
        product.push_back(std::move(both));
        MPREG_CHECK(check_size(product));
      }
    }
    return product;
  }

  VersionReader reader_;
};

Result<VersionConstraint> VersionConstraint::parse(std::string_view text) {
  if (text.size() > text_bytes_max)
    return fail(Errc::too_large,
                "version constraint: longer than " + std::to_string(text_bytes_max) + " bytes");
  return ConstraintParser(text).parse();
}

bool VersionConstraint::matches(const SemanticVersion& version) const {
  if (is_any()) return true;
  return std::any_of(alternatives_.begin(), alternatives_.end(), [&](const auto& all) {
    return std::all_of(all.begin(), all.end(),
                       [&](const Comparator& one) { return holds(one, version); }) &&
           (!version.is_pre_release() ||
            std::any_of(all.begin(), all.end(),
                        [&](const Comparator& one) { return names_pre_release_of(one, version); }));
  });
}

std::string describe(const VersionConstraint& constraint) {
  std::string text;
  for (const auto& all : constraint.alternatives_) {
    if (!text.empty()) text.append(" || ");
    for (std::size_t i = 0; i < all.size(); ++i) {
      if (i > 0) text.append(",");
      text.append(text_of(all[i].relation)).append(describe(all[i].version));
    }
  }
  return text;
}

}  // namespace mpreg
