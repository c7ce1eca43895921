// How the value of each directive becomes a part of Config: the functions that
// milter/directive_table.h names.
#ifndef POSTSEAL_MILTER_DIRECTIVE_VALUES_H_
#define POSTSEAL_MILTER_DIRECTIVE_VALUES_H_

#include "milter/config_builder.h"
#include "milter/setting.h"

namespace postseal::milter {

template <auto kMember>
void SetBoolean(ConfigBuilder* builder, const Setting& setting) {
  builder->Boolean(setting, &(builder->config()->*kMember));
}
template <auto kMember>
void SetString(ConfigBuilder* builder, const Setting& setting) {
  builder->config()->*kMember = setting.value;
}
template <auto kMember>
void SetPath(ConfigBuilder* builder, const Setting& setting) {
  builder->config()->*kMember = builder->InBase(setting.value);
}
template <auto kMember>
void SetAction(ConfigBuilder* builder, const Setting& setting) {
  builder->ReadAction(setting, &(builder->config()->*kMember));
}
template <auto kMember>
void SetHosts(ConfigBuilder* builder, const Setting& setting) {
  builder->Hosts(setting, &(builder->config()->*kMember));
}
template <auto kMember>
void SetNames(ConfigBuilder* builder, const Setting& setting) {
  builder->Names(setting, &(builder->config()->*kMember));
}
template <auto kMember>
void SetAddresses(ConfigBuilder* builder, const Setting& setting) {
  builder->Addresses(setting, &(builder->config()->*kMember));
}

void SetSocket(ConfigBuilder* builder, const Setting& setting);
void SetUser(ConfigBuilder* builder, const Setting& setting);
void SetUmask(ConfigBuilder* builder, const Setting& setting);
void SetThreads(ConfigBuilder* builder, const Setting& setting);
void SetMetrics(ConfigBuilder* builder, const Setting& setting);
void SetFacility(ConfigBuilder* builder, const Setting& setting);
void SetMode(ConfigBuilder* builder, const Setting& setting);
void SetInternalHosts(ConfigBuilder* builder, const Setting& setting);
void SetMacros(ConfigBuilder* builder, const Setting& setting);
void SetLogins(ConfigBuilder* builder, const Setting& setting);
void SetKeyBits(ConfigBuilder* builder, const Setting& setting);
void SetAuthservId(ConfigBuilder* builder, const Setting& setting);
void SetMaximumHeaders(ConfigBuilder* builder, const Setting& setting);
void SetMaximumSignatures(ConfigBuilder* builder, const Setting& setting);
void SetClockDrift(ConfigBuilder* builder, const Setting& setting);
void SetNameservers(ConfigBuilder* builder, const Setting& setting);
void SetDnsTimeout(ConfigBuilder* builder, const Setting& setting);
void SetMessageTimeout(ConfigBuilder* builder, const Setting& setting);
void SetZoneFile(ConfigBuilder* builder, const Setting& setting);
void SetTestKeys(ConfigBuilder* builder, const Setting& setting);
void SetTestData(ConfigBuilder* builder, const Setting& setting);
void SetOnDefault(ConfigBuilder* builder, const Setting& setting);
void SetQuarantine(ConfigBuilder* builder, const Setting& setting);
void SetCapture(ConfigBuilder* builder, const Setting& setting);
void SetDmarcTempErrorDefer(ConfigBuilder* builder, const Setting& setting);
void SetSpfReject(ConfigBuilder* builder, const Setting& setting);
void SetStore(ConfigBuilder* builder, const Setting& setting);
void SetHistoryFile(ConfigBuilder* builder, const Setting& setting);
void SetNodeName(ConfigBuilder* builder, const Setting& setting);
void SetOnStoreError(ConfigBuilder* builder, const Setting& setting);
void SetStoreRetention(ConfigBuilder* builder, const Setting& setting);
void SetStoreRowsPerDomain(ConfigBuilder* builder, const Setting& setting);
void SetStoreRowsPerDay(ConfigBuilder* builder, const Setting& setting);

}  // namespace postseal::milter

#endif  // POSTSEAL_MILTER_DIRECTIVE_VALUES_H_
