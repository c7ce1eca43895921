// Client: who is connected to the MTA, as its CONNECT says.
#ifndef POSTSEAL_MILTER_CLIENT_H_
#define POSTSEAL_MILTER_CLIENT_H_

#include <optional>
#include <string>
#include <string_view>

#include "base/ascii.h"
#include "dns/address.h"
#include "milter/packet_reader.h"

namespace postseal::milter {

// Client may have no address: a program on the MTA's host may hand mail in by a UNIX
// socket, and an MTA may not know the address or leave it out (family U).
struct Client {
  // host_name is what the MTA found by the address, or "[ADDRESS]".
  std::string host_name;
  // address is unmapped: an IPv4 client of an IPv6 socket is an IPv4 client.
  std::optional<dns::IpAddress> address;
  bool is_local = false;  // a UNIX socket

  // Parse reads the data of a CONNECT packet. What cannot be read is left out.
  static Client Parse(std::string_view data);

  // UseMacros takes the address from what the MTA says in macros, where CONNECT has none
  // and names no UNIX socket: |client_addr| is {client_addr}, and |validated| is _, which
  // ends with "[ADDRESS]". Postfix sends the second one by default.
  void UseMacros(std::string_view client_addr, std::string_view validated);

  // IsLoopback says that the client is this host.
  bool IsLoopback() const;
};

// Implementation.

inline Client Client::Parse(std::string_view data) {
  Client client;
  client.host_name = TakeText(&data).value_or("");
  if (data.empty()) return client;
  const char family = data.front();
  data.remove_prefix(1);
  client.is_local = family == 'L';
  // After the family come a port, in two octets, and the address.
  if ((family != '4' && family != '6') || data.size() < 2) return client;
  data.remove_prefix(2);
  std::string_view text = TakeText(&data).value_or("");
  // RFC 5321 §4.1.3: the tag of an address literal, which Postfix leaves off and
  // Sendmail leaves on.
  constexpr std::string_view kTag = "IPv6:";
  if (base::EqualsIgnoreCase(text.substr(0, kTag.size()), kTag)) text.remove_prefix(kTag.size());
  client.address = dns::IpAddress::Parse(text);
  if (client.address.has_value()) client.address = client.address->Unmapped();
  return client;
}

inline void Client::UseMacros(std::string_view client_addr, std::string_view validated) {
  if (address.has_value() || is_local) return;
  address = dns::IpAddress::Parse(client_addr);
  const size_t bracket = validated.rfind('[');
  if (!address.has_value() && bracket != std::string_view::npos && validated.ends_with(']')) {
    address = dns::IpAddress::Parse(validated.substr(bracket + 1, validated.size() - bracket - 2));
  }
  if (address.has_value()) address = address->Unmapped();
}

inline bool Client::IsLoopback() const {
  if (is_local) return true;
  // The name that Postfix and Sendmail give to a program that speaks SMTP to `sendmail -bs`.
  // It has no address. A host on the network has one, whatever name the DNS gives. [choice]
  if (!address.has_value()) return base::EqualsIgnoreCase(host_name, "localhost");
  // RFC 1122 §3.2.1.3: 127/8. RFC 4291 §2.5.3: ::1.
  static const dns::IpAddress kLoopbackV6 = *dns::IpAddress::Parse("::1");
  return address->is_v4() ? address->bytes()[0] == 127 : *address == kLoopbackV6;
}

}  // namespace postseal::milter

#endif  // POSTSEAL_MILTER_CLIENT_H_
