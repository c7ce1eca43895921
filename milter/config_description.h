// DescribeConfig: what a configuration comes to, for `postseal-milter -n`.
#ifndef POSTSEAL_MILTER_CONFIG_DESCRIPTION_H_
#define POSTSEAL_MILTER_CONFIG_DESCRIPTION_H_

#include <string>

#include "milter/config_file.h"

namespace postseal::milter {

// DescribeConfig returns lines for a terminal: each setting with its place and what it
// means here, then who is signed for, then what is wrong or worth knowing. What the
// files hold is escaped, and passwords are not shown.
std::string DescribeConfig(const LoadedConfig& loaded);

}  // namespace postseal::milter

#endif  // POSTSEAL_MILTER_CONFIG_DESCRIPTION_H_
