// ParsedFieldToJson: an Authentication-Results field as the JSON object that
// scripts rely on.
#ifndef POSTSEAL_AUTH_AUTHRES_JSON_H_
#define POSTSEAL_AUTH_AUTHRES_JSON_H_

#include <string>

#include "authres/parsed_field.h"

namespace postseal::auth {

// ParsedFieldToJson returns |field| on one line, without a line end. Absent is null;
// controls, and whatever else is not for a terminal, are escaped.
std::string ParsedFieldToJson(const authres::ParsedField& field);

}  // namespace postseal::auth

#endif  // POSTSEAL_AUTH_AUTHRES_JSON_H_
