// ListDirectives: every directive there is, for programs that write about them: the
// manual page is made of it.
#ifndef POSTSEAL_MILTER_DIRECTIVE_LIST_H_
#define POSTSEAL_MILTER_DIRECTIVE_LIST_H_

#include <string>
#include <string_view>

#include "milter/config_file.h"

namespace postseal::milter {

// DefaultOf is what holds where the directive |name| does not stand: a value that
// could be written, or words in parentheses. Empty for a name that does nothing.
std::string DefaultOf(std::string_view name, Dialect dialect);

// ListDirectives returns a line for each directive, in the order of the table, with
// tabs between its name, the kind of its value (boolean, integer, string or dataset),
// its support (done, needless, ignored or obsolete), its default, its default in
// OpenDKIM's files, and its meaning. Only those that are done have defaults.
std::string ListDirectives();

}  // namespace postseal::milter

#endif  // POSTSEAL_MILTER_DIRECTIVE_LIST_H_
