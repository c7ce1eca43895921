// Macros: the facts that an MTA sends by name before a command.
#ifndef POSTSEAL_MILTER_MACROS_H_
#define POSTSEAL_MILTER_MACROS_H_

#include <array>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "milter/packet_reader.h"
#include "milter/protocol.h"

namespace postseal::milter {

// kMaxMacros bounds the macros kept for one command; MTAs send about ten.
inline constexpr size_t kMaxMacros = 64;
// kMaxMacroOctets bounds a macro's name and value together, in octets. What is over
// a limit is dropped: a macro may be missing anyway.
inline constexpr size_t kMaxMacroOctets = 4096;

// Macros holds those of one connection to the MTA. Each command has a set of its own,
// which a new one replaces; looking up finds the set of the latest stage that has
// the name.
class Macros {
 public:
  // Take reads the data of a macro packet: the command that they are for, then pairs
  // of texts, name and value.
  void Take(std::string_view data) {
    if (data.empty()) return;
    const std::optional<size_t> stage = StageOf(static_cast<Command>(data.front()));
    data.remove_prefix(1);
    if (!stage.has_value()) return;
    std::vector<Macro>& set = stages_[*stage];
    set.clear();
    while (set.size() < kMaxMacros) {
      const std::optional<std::string_view> name = TakeText(&data);
      const std::optional<std::string_view> value = TakeText(&data);
      if (!name.has_value() || !value.has_value()) return;
      if (name->size() + value->size() > kMaxMacroOctets) continue;
      set.push_back({std::string(WithoutBraces(*name)), std::string(*value)});
    }
  }

  // Find returns the value of |name|, without braces; nullopt when there is none.
  std::optional<std::string_view> Find(std::string_view name) const {
    for (size_t i = stages_.size(); i-- > 0;) {
      for (const Macro& macro : stages_[i]) {
        if (macro.name == name) return macro.value;
      }
    }
    return std::nullopt;
  }

  // Value is Find's, or empty.
  std::string_view Value(std::string_view name) const { return Find(name).value_or(""); }

  // ForgetMessage drops what belongs to one message: all but those of CONNECT and HELO.
  void ForgetMessage() {
    for (size_t i = kMessageStages; i < stages_.size(); ++i) stages_[i].clear();
  }

  // Clear drops all.
  void Clear() {
    for (std::vector<Macro>& stage : stages_) stage.clear();
  }

 private:
  struct Macro {
    std::string name;
    std::string value;
  };

  static constexpr std::string_view kStages = "CHMRTLNBE";
  static constexpr size_t kMessageStages = 2;  // from here in kStages on

  static std::optional<size_t> StageOf(Command command) {
    const size_t at = kStages.find(static_cast<char>(command));
    if (at == std::string_view::npos) return std::nullopt;
    return at;
  }

  static std::string_view WithoutBraces(std::string_view name) {
    if (name.size() < 2 || name.front() != '{' || name.back() != '}') return name;
    return name.substr(1, name.size() - 2);
  }

  std::array<std::vector<Macro>, kStages.size()> stages_;
};

}  // namespace postseal::milter

#endif  // POSTSEAL_MILTER_MACROS_H_
