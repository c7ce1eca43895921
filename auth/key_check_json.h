// KeyCheckToJson: a KeyCheck as the JSON object that scripts rely on.
#ifndef POSTSEAL_AUTH_KEY_CHECK_JSON_H_
#define POSTSEAL_AUTH_KEY_CHECK_JSON_H_

#include <string>
#include <string_view>

#include "dkim/key_check.h"

namespace postseal::auth {

// KeyCheckToJson returns what was found at |name| on one line, without a line
// end. Octets that are no UTF-8 become U+FFFD.
std::string KeyCheckToJson(const dkim::KeyCheck& check, std::string_view name);

}  // namespace postseal::auth

#endif  // POSTSEAL_AUTH_KEY_CHECK_JSON_H_
