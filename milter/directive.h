// Directive: one line of the table of all directives of OpenDKIM, those of OpenDMARC
// that have a meaning here, and our own.
#ifndef POSTSEAL_MILTER_DIRECTIVE_H_
#define POSTSEAL_MILTER_DIRECTIVE_H_

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace postseal::milter {

class ConfigBuilder;
struct Setting;

// Support is what becomes of a directive.
enum class Support : uint8_t {
  kDone,      // it does what its manual page says, or what the meaning says
  kNeedless,  // nothing is lost by ignoring it
  kIgnored,   // it asks for something that is not done: a warning
  kObsolete,  // OpenDKIM itself does nothing with it
};

// ValueKind is the form of a value. opendkim.conf(5)
enum class ValueKind : uint8_t { kBoolean, kInteger, kString, kDataSet };

// Directive is what there is to know of a name.
struct Directive {
  std::string_view name;
  ValueKind kind;
  Support support;
  // One line: what it means here, or why it is ignored.
  std::string_view meaning;
  // Puts a value into the configuration. Null where nothing is to be put, and for
  // what several directives say together (ConfigBuilder::Finish).
  void (*apply)(ConfigBuilder* builder, const Setting& setting) = nullptr;
};

// AllDirectives is the table, in the order in which directives are applied.
std::span<const Directive> AllDirectives();

// FindDirective finds |name| without regard to case; null when there is none.
const Directive* FindDirective(std::string_view name);

// kMaxNameOctets bounds a name for which NearestDirective looks, in octets.
inline constexpr size_t kMaxNameOctets = 64;

// NearestDirective is the name that was probably meant by |name|; empty when none is
// like it.
std::string_view NearestDirective(std::string_view name);

}  // namespace postseal::milter

#endif  // POSTSEAL_MILTER_DIRECTIVE_H_
