#include "bench/milter/filter_dialog.h"

#include <algorithm>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "base/escape.h"
#include "bench/milter/protocol.h"

namespace postseal::bench {
namespace {

// TakeString takes text up to a NUL off the front of |data|.
bool TakeString(std::string_view& data, std::string& text) {
  const size_t end = data.find('\0');
  if (end == data.npos) return false;
  text = data.substr(0, end);
  data.remove_prefix(end + 1);
  return true;
}

std::string WithNul(std::string_view text) { return std::string(text).append(1, '\0'); }

// ChangeHeader replaces the |index|th field of a name, or removes it when |value| is empty.
void ChangeHeader(uint32_t index, const std::string& name, std::string value, Mail& mail) {
  for (auto field = mail.fields.begin(); field != mail.fields.end(); ++field) {
    if (!absl::EqualsIgnoreCase(field->name, name) || --index > 0) continue;
    if (value.empty()) {
      mail.fields.erase(field);
    } else {
      field->value = std::move(value);
      field->added = true;
    }
    return;
  }
}

}  // namespace

void FilterDialog::Negotiate(std::string& out) {
  std::string data;
  AppendUint32(kVersion, data);
  AppendUint32(kAllActions, data);
  AppendUint32(kAllSteps, data);
  AppendPacket(kNegotiate, data, out);
  awaited_ = kNegotiate;
}

bool FilterDialog::Connect(const Macros& macros, std::string_view host, std::string_view address,
                           std::string& out) {
  std::string data = WithNul(host);
  data += absl::StrContains(address, ':') ? '6' : '4';
  data += std::string_view("\x9C\x40", 2);  // port 40000
  data += WithNul(address);
  SendMacros(kStageConnect, kConnect, macros, out);
  return Send(kConnect, kNoConnect, kNoReplyConnect, data, out);
}

bool FilterDialog::Helo(const Macros& macros, std::string_view name, std::string& out) {
  SendMacros(kStageHelo, kHelo, macros, out);
  return Send(kHelo, kNoHelo, kNoReplyHelo, WithNul(name), out);
}

bool FilterDialog::MailFrom(const Macros& macros, std::string_view path, std::string& out) {
  message_accepted_ = body_skipped_ = false;
  SendMacros(kStageMail, kMail, macros, out);
  return Send(kMail, kNoMail, kNoReplyMail, WithNul(path), out);
}

bool FilterDialog::RcptTo(const Macros& macros, std::string_view path, std::string& out) {
  SendMacros(kStageRcpt, kRcpt, macros, out);
  return Send(kRcpt, kNoRcpt, kNoReplyRcpt, WithNul(path), out);
}

bool FilterDialog::Data(const Macros& macros, std::string& out) {
  SendMacros(kStageData, kData, macros, out);
  return Send(kData, kNoData, kNoReplyData, "", out);
}

bool FilterDialog::Header(const Macros& macros, const Field& field, std::string& out) {
  SendMacros(kStageContent, kHeader, macros, out);
  std::string_view value = field.value;
  if ((steps_ & kLeadingSpace) == 0 && absl::StartsWith(value, " ")) value.remove_prefix(1);
  return Send(kHeader, kNoHeader, kNoReplyHeader, WithNul(field.name) + WithNul(value), out);
}

bool FilterDialog::EndOfHeader(const Macros& macros, std::string& out) {
  SendMacros(kStageEndOfHeader, kEndOfHeader, macros, out);
  return Send(kEndOfHeader, kNoEndOfHeader, kNoReplyEndOfHeader, "", out);
}

bool FilterDialog::Body(const Macros& macros, std::string_view chunk, std::string& out) {
  if (body_skipped_) return false;
  SendMacros(kStageContent, kBody, macros, out);
  return Send(kBody, kNoBody, kNoReplyBody, chunk, out);
}

bool FilterDialog::EndOfMessage(const Macros& macros, std::string& out) {
  SendMacros(kStageEndOfMessage, kEndOfMessage, macros, out);
  return Send(kEndOfMessage, 0, 0, "", out);
}

void FilterDialog::Abort(std::string& out) {
  if (!connection_accepted_) AppendPacket(kAbort, "", out);
}

void FilterDialog::Quit(std::string& out) { AppendPacket(kQuit, "", out); }

void FilterDialog::SendMacros(Stage stage, char command, const Macros& macros,
                              std::string& out) const {
  if (connection_accepted_ || message_accepted_) return;
  std::string data(1, command);
  for (const std::string& name : names_[stage]) {
    const auto macro = macros.find(name);
    if (macro != macros.end()) data += WithNul(name) + WithNul(macro->second);
  }
  AppendPacket(kMacros, data, out);
}

bool FilterDialog::Send(char command, uint32_t left_out, uint32_t unanswered, std::string_view data,
                        std::string& out) {
  if (connection_accepted_ || message_accepted_ || (steps_ & left_out) != 0) return false;
  AppendPacket(command, data, out);
  if ((steps_ & unanswered) != 0) return false;
  awaited_ = command;
  return true;
}

absl::StatusOr<bool> FilterDialog::Receive(const Packet& packet, Mail& mail) {
  if (awaited_ == 0) {
    return absl::FailedPreconditionError(absl::StrCat(
        "an answer that nobody waits for: ", base::Escape(std::string_view(&packet.command, 1))));
  }
  if (awaited_ == kNegotiate) {
    if (packet.command == kNegotiate) return ReceiveNegotiation(packet.data);
  } else if (packet.command == kProgress) {
    return false;
  } else if (packet.command == kContinue && packet.data.empty()) {
    awaited_ = 0;
    return true;
  } else if (packet.command == kAccept && packet.data.empty()) {
    (awaited_ == kConnect || awaited_ == kHelo ? connection_accepted_ : message_accepted_) = true;
    awaited_ = 0;
    return true;
  } else if (packet.command == kSkip && awaited_ == kBody) {
    body_skipped_ = true;
    awaited_ = 0;
    return true;
  } else if (awaited_ == kEndOfMessage) {
    const absl::Status status = Edit(packet, mail);
    if (status.ok()) return false;
    if (!absl::IsUnimplemented(status)) return status;
  }
  return absl::FailedPreconditionError(absl::StrCat(
      "after ", std::string(1, awaited_), " the filter answers ",
      base::Escape(std::string_view(&packet.command, 1)), " ", base::Escape(packet.data)));
}

absl::StatusOr<bool> FilterDialog::ReceiveNegotiation(std::string_view data) {
  if (data.size() < 12) return absl::InvalidArgumentError("a short negotiation");
  const uint32_t version = ReadUint32(data), actions = ReadUint32(data.substr(4));
  steps_ = ReadUint32(data.substr(8));
  if (version > kVersion || (actions & ~kAllActions) != 0 || (steps_ & ~kAllSteps) != 0) {
    return absl::InvalidArgumentError("the filter asks for more than was offered");
  }
  const absl::Status status = ReceiveMacroLists(data.substr(12));
  if (!status.ok()) return status;
  awaited_ = 0;
  return true;
}

absl::Status FilterDialog::ReceiveMacroLists(std::string_view data) {
  while (!data.empty()) {
    const uint32_t stage = data.size() < 4 ? uint32_t{kStages} : ReadUint32(data);
    std::string names;
    if (stage < kStages) data.remove_prefix(4);
    if (stage >= kStages || !TakeString(data, names)) {
      return absl::InvalidArgumentError("a list of macros that is none");
    }
    names_[stage] = absl::StrSplit(names, absl::ByAnyChar(" ,"), absl::SkipEmpty());
  }
  return absl::OkStatus();
}

absl::Status FilterDialog::Edit(const Packet& packet, Mail& mail) const {
  std::string_view data = packet.data;
  const bool indexed = packet.command == kInsertHeader || packet.command == kChangeHeader;
  if (!indexed && packet.command != kAddHeader) return absl::UnimplementedError("no edit");
  uint32_t index = 0;
  if (indexed) {
    if (data.size() < 4) return absl::InvalidArgumentError("an edit without index");
    index = ReadUint32(data);
    data.remove_prefix(4);
  }
  Field field;
  field.added = true;
  if (!TakeString(data, field.name) || !TakeString(data, field.value) || !data.empty()) {
    return absl::InvalidArgumentError("an edit that is no name and value");
  }
  if (packet.command == kChangeHeader) {
    if ((steps_ & kLeadingSpace) == 0 && !field.value.empty()) field.value.insert(0, " ");
    ChangeHeader(std::max<uint32_t>(index, 1), field.name, std::move(field.value), mail);
    return absl::OkStatus();
  }
  if ((steps_ & kLeadingSpace) == 0) field.value.insert(0, " ");
  // Postfix counts its own Received field, which no filter is shown, as the first.
  const size_t place = packet.command == kAddHeader
                           ? mail.fields.size()
                           : std::min<size_t>(index > 0 ? index - 1 : 0, mail.fields.size());
  mail.fields.insert(mail.fields.begin() + static_cast<std::ptrdiff_t>(place), std::move(field));
  return absl::OkStatus();
}

}  // namespace postseal::bench
