// A plan is made of Authentication-Results fields of the message, the last one first, and
// takes every field that reads as ours: with it carried out, there is nothing more to
// remove. More names of ours never save a field.
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "authres/authentication_results.h"
#include "authres/own_ids.h"
#include "authres/parsed_field.h"
#include "authres/removal_plan.h"
#include "base/check.h"
#include "base/fuzz_input.h"
#include "mail/field.h"
#include "mail/message_reader.h"

namespace postseal::authres {
namespace {

using Fields = std::vector<mail::Field>;

// CarryOut deletes as a milter does: by name and occurrence, in the order of the plan.
void CarryOut(const std::vector<Removal>& plan, Fields* fields) {
  size_t last = fields->size();
  for (const Removal& removal : plan) {
    POSTSEAL_CHECK(removal.position < last);
    last = removal.position;
    size_t occurrence = 0;
    for (size_t i = 0; i <= removal.position; ++i) occurrence += (*fields)[i].NameIs(kFieldName);
    // A disguised field of another name is deleted by its position.
    const bool is_named = (*fields)[removal.position].NameIs(kFieldName);
    POSTSEAL_CHECK(is_named || removal.reason == RemovalReason::kDisguised);
    POSTSEAL_CHECK(removal.occurrence == (is_named ? occurrence : 0));
    fields->erase(fields->begin() + static_cast<ptrdiff_t>(removal.position));
  }
}

void Check(base::FuzzInput input) {
  const uint8_t how = input.Octet();
  std::vector<std::string> ids(1, std::string(input.Text()));
  if ((how & 1) != 0) ids.emplace_back(input.Text());
  mail::MessageReader reader;
  reader.Feed(input.Rest());
  reader.Finish();
  const Fields all(reader.fields().begin(), reader.fields().end());
  RemovalOptions options;
  options.authserv_ids = ids;
  options.remove_anonymous = (how & 2) != 0;
  options.remove_all = (how & 4) != 0;
  const std::vector<Removal> plan = PlanRemoval(all, options);
  Fields left = all;
  CarryOut(plan, &left);
  POSTSEAL_CHECK(PlanRemoval(left, options).empty());
  for (const mail::Field& field : left) {
    if (!field.NameIs(kFieldName)) continue;
    POSTSEAL_CHECK(!options.remove_all);
    const std::optional<std::string> id = Parse(field.value).authserv_id;
    POSTSEAL_CHECK(id.has_value() || !options.remove_anonymous);
    POSTSEAL_CHECK(!id.has_value() || !OwnIds(ids).Has(*id));
  }
  ids.emplace_back("mx.example");
  options.authserv_ids = ids;
  POSTSEAL_CHECK(PlanRemoval(all, options).size() >= plan.size());
}

}  // namespace
}  // namespace postseal::authres

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  postseal::authres::Check(postseal::base::FuzzInput(data, size));
  return 0;
}
